"""The objects Tripletex serves: their fields, kinds and addresses.

Field names follow the public description of the API (version 2.74).
"""

import re
from dataclasses import dataclass

HOST = "tripletex.no/v2"  # urls in answers have no scheme (MEASURED)

# Name and path (``-``: embedded in others without an id), then the fields. A kind is
# int, num, str, bool, date, a model for a sub-object, or a model in brackets for a
# list of them. ``!`` marks read-only fields: they may be sent and are silently ignored
# (MEASURED).
SPECIFICATION = """
InternationalId -
  intAmeldingType:str country:Country number:str
HolidayAllowanceEarned -
  year:int amount:num basis:num amountExtraHolidayWeek:num
ConsumerToken token/consumer
  apiConsumer:ApiConsumer token:str
EmployeeToken token/employee
  employee:Employee apiConsumer:ApiConsumer token:str expirationDate:date
SessionToken token/session
  consumerToken:ConsumerToken employeeToken:EmployeeToken expirationDate:date token:str
  encryptionKey:str!
PostSessionTokenBody -
  employeeToken:str consumerToken:str expirationDate:date
LoggedInUserInfo -
  employeeId:int! actualEmployeeId:int! employee:Employee companyId:int!
  company:Company language:str! loggedInWithConnect:bool! employeeIsProxy:bool!
Client company
  name:str displayName:str! startDate:date endDate:date organizationNumber:str
  email:str phoneNumber:str phoneNumberMobile:str faxNumber:str address:Address
  type:str currency:Currency accountantOrSimilar:bool! companyMigration:str!
  invoiceShowDeliveryDate:bool! customerCompanyId:int!
Department department
  name:str departmentNumber:str departmentManager:Employee displayName:str!
  isInactive:bool businessActivityTypeId:int!
Employee employee
  firstName:str lastName:str displayName:str! employeeNumber:str dateOfBirth:date
  email:str phoneNumberMobileCountry:Country phoneNumberMobile:str phoneNumberHome:str
  phoneNumberWork:str nationalIdentityNumber:str dnumber:str
  internationalId:InternationalId bankAccountNumber:str iban:str bic:str
  creditorBankCountryId:int usesAbroadPayment:bool userType:str
  allowInformationRegistration:bool! isContact:bool isProxy:bool! comments:str
  address:Address department:Department employments:[Employment]
  holidayAllowanceEarned:HolidayAllowanceEarned employeeCategory:EmployeeCategory
  isAuthProjectOverviewURL:bool! pictureId:int! companyId:int!
  vismaConnect2FAactive:bool!
Employment employee/employment
  employee:Employee employmentId:str startDate:date endDate:date
  noEmploymentRelationship:bool isMainEmployer:bool
  employmentDetails:[EmploymentDetails]
EmploymentDetails employee/employment/details
  employment:Employment date:date employmentType:str employmentForm:str
  remunerationType:str workingHoursScheme:str percentageOfFullTimeEquivalent:num
  annualSalary:num hourlyWage:num monthlySalary:num!
Entitlement employee/entitlement
  employee:Employee name:str entitlementId:int customer:Company
Project project
  name:str number:str displayName:str! description:str projectManager:Employee
  department:Department mainProject:Project startDate:date endDate:date
  customer:Customer isClosed:bool isReadyForInvoicing:bool isInternal:bool isOffer:bool
  isFixedPrice:bool projectCategory:ProjectCategory deliveryAddress:Address
  boligmappaAddress:Address displayNameFormat:str reference:str
  externalAccountsNumber:str discountPercentage:num! vatType:VatType fixedprice:num
  contributionMarginPercent:num! numberOfSubProjects:int!
  numberOfProjectParticipants:int! orderLines:[ProjectOrderLine]! currency:Currency
  markUpOrderLines:num markUpFeesEarned:num isPriceCeiling:bool priceCeilingAmount:num
  projectHourlyRates:[ProjectHourlyRate] forParticipantsOnly:bool
  participants:[ProjectParticipant] contact:Contact attention:Contact
  invoiceComment:str invoicingPlan:[Invoice]! preliminaryInvoice:Invoice
  generalProjectActivitiesPerProjectOnly:bool projectActivities:[ProjectActivity]
  hierarchyNameAndNumber:str! invoiceDueDate:int invoiceDueDateType:str
  invoiceReceiverEmail:str overdueNoticeEmail:str accessType:str
  useProductNetPrice:bool ignoreCompanyProductDiscountAgreement:bool customerName:str!
  hierarchyLevel:int! projectManagerNameAndNumber:str!
  totalInvoicedOnAccountAmountAbsoluteCurrency:num! invoiceOnAccountVatHigh:bool
  invoiceReserveTotalAmountCurrency:num!
  accountingDimensionValues:[AccountingDimensionValue]
ProjectParticipant project/participant
  project:Project employee:Employee adminAccess:bool
ProjectActivity project/projectActivity
  activity:Activity project:Project startDate:date endDate:date isClosed:bool
  budgetHours:num budgetHourlyRateCurrency:num budgetFeeCurrency:num
Activity activity
  name:str number:str description:str activityType:str isProjectActivity:bool!
  isGeneral:bool! isTask:bool! isDisabled:bool! isChargeable:bool rate:num
  costPercentage:num displayName:str deletable:bool!
SalaryType salary/type
  number:str name:str description:str showInTimesheet:bool! isSickPayable:bool!
  isVacationPayable:bool! isTaxable:bool! payStatementCodeCode:str!
  ameldingWageCode:str! accountNumberDebit:Account accountNumberCredit:Account
  isPayrollTaxable:bool!
TimesheetEntry timesheet/entry
  project:Project activity:Activity date:date hours:num chargeableHours:num!
  employee:Employee timeClocks:[TimeClock]! comment:str locked:bool! chargeable:bool!
  invoice:Invoice! hourlyRate:num! hourlyCost:num! hourlyCostPercentage:num!
  projectChargeableHours:num
TimesheetSalaryTypeSpecification timesheet/salaryTypeSpecification
  employee:Employee salaryType:SalaryType description:str date:date count:num
StandardTime employee/standardTime
  employee:Employee fromDate:date hoursPerDay:num
CompanyStandardTime salary/settings/standardTime
  fromDate:date hoursPerDay:num
TimesheetSettings timesheet/settings
  timeClock:bool! timesheetCompleted:bool! flexBalance:bool! vacationBalance:bool!
  showDetailedTimeSheet:bool! requireCommentsOnRegisteredHoursAllProjects:bool!
  defaultProjectActivity:Activity
HourSummary -
  sumHours:num! hoursWithPay:num! hourlyWageHoursWithPay:num! standardTime:num!
  nonChargeableHours:num! chargeableHours:num! nonChargeableHoursWithPay:num!
  budgetChargeableHours:num!
FlexSummary -
  incomingHourBalance:num! outgoingHourBalance:num! change:num!
VacationSummary -
  incomingVacationBalance:num! outgoingVacationBalance:num! vacationTakenInPeriod:num!
  vacationTakenThisYear:num!
MonthlyStatus timesheet/month
  employee:Employee timesheetEntries:[TimesheetEntry]! approvedDate:date!
  completed:bool! approvedBy:Employee approved:bool! approvedUntilDate:date!
  monthYear:str! hoursPayout:num vacationPayout:num hourSummary:HourSummary
  flexSummary:FlexSummary vacationSummary:VacationSummary
Payslip salary/payslip
  transaction:SalaryTransaction employee:Employee date:date year:int month:int
  specifications:[SalarySpecification] vacationAllowanceAmount:num! grossAmount:num!
  amount:num! number:int! department:Department
"""

# Name and path of what lies outside the subject here: only an id and an address.
REFERENCES = """
Account:ledger/account AccountingDimensionValue:ledger/accountingDimensionValue
Address:address ApiConsumer:token/consumer Company:company Contact:contact
Country:country Currency:currency Customer:customer EmployeeCategory:employee/category
Invoice:invoice ProjectCategory:project/category
ProjectHourlyRate:project/hourlyRates ProjectOrderLine:project/orderline
SalarySpecification:salary/specification SalaryTransaction:salary/transaction
TimeClock:timesheet/timeClock VatType:ledger/vatType
"""


@dataclass(frozen=True)
class Field:
    """One field: its name, kind, and whether it is a list or read-only."""

    name: str
    kind: str
    many: bool
    read_only: bool

    @property
    def model(self):
        """The model of the sub-object, or None for a plain value."""
        return MODELS.get(self.kind)


@dataclass(frozen=True)
class Model:
    """One object type; ``path`` is None for objects embedded without an id."""

    name: str
    path: str
    fields: dict

    def url(self, row_id):
        """The address of one object as Tripletex writes it."""
        return f"{HOST}/{self.path}/{row_id}"


def _model(name, path, words):
    if path != "-":
        version = ["version:int"] if words else []
        words = ["id:int", *version, "url:str!", *words]
    fields = {}
    for word in words:
        field, kind = word.split(":")
        many, read_only = "[" in kind, kind.endswith("!")
        fields[field] = Field(field, kind.strip("[]!"), many, read_only)
    return Model(name, path.strip("-") or None, fields)


MODELS = {
    name: _model(name, path, [])
    for name, path in (word.split(":") for word in REFERENCES.split())
}
MODELS |= {
    name: _model(name, path, words.split())
    for name, path, words in re.findall(
        r"^(\w+) (\S+)\n((?:  .*\n)*)", SPECIFICATION, re.MULTILINE
    )
}
