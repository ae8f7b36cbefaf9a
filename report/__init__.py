from . import tripletex_month_evidence
