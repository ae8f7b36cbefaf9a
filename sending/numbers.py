"""Links made by hand with a number only: their ids are looked up before sending."""

from ..tools import TripletexError
from . import attempts as outcomes
from .attempts import StopRun
from .preflight import Preflight
from .queue import Queue
from .refusals import of_number, refusal

#: Field of the lines: client method that finds a record by its number.
FINDERS = {
    "employee_id": "find_employee_by_number",
    "project_id": "find_project_by_number",
    "work_entry_type_id": "find_salary_type_by_number",
}


class Numbers:
    """Finds the ids of links, so that hours that wait for them get a place.

    :param run: the connection's ``Run``
    """

    def __init__(self, run):
        self.run, self.env = run, run.env

    def look_up(self, entries):
        """Look up what placeless ``entries`` lack, and route their lines anew.

        Entries whose number leads nowhere need attention.

        :raise StopRun: when Tripletex cannot be asked
        """
        lines = entries.share_ids.line_id
        problems = self.problems(lines)
        self.run.attempts.store(
            {
                entry: outcomes.failed(entry, problems[line])
                for entry in entries
                for line in entry.share_ids.line_id
                if line in problems
            }
        )
        Queue(self.env).reroute(lines.filtered(lambda line: line not in problems))
        self.env["ir.cron"]._commit_progress()

    def problems(self, lines):
        """Look up the ids of links that have a number only, and store them.

        :param lines: ``account.analytic.line`` records that need the links
        :return: dict of line to the refusal of the number that it needs
        :raise StopRun: when Tripletex cannot be asked
        """
        links, problems = Preflight(self.env).links(lines), {}
        for name, finder in FINDERS.items():
            for link in links[name].values():
                if link.tripletex_id or not link.number:
                    continue
                problem = self._look_up_link(link, finder)
                for line in lines if problem else ():
                    if line[name] == link[name]:
                        problems[line] = problem
        return problems

    def _look_up_link(self, link, finder):
        """Find a link's id by its number.

        :return: the refusal, or None
        """
        try:
            matches = getattr(self.run.client, finder)(link.number)
        except TripletexError as error:
            raise StopRun(error) from error
        if len(matches) != 1:
            return of_number(link, len(matches))
        [match] = matches
        taken = link.search(
            [
                ("connection_id", "=", link.connection_id.id),
                ("tripletex_id", "=", str(match["id"])),
            ]
        )
        if taken:
            other = taken.display_name
            return refusal("number_taken", number=link.number, other=other)
        link._store_id(match["id"], match.get("displayName") or match.get("name"))
        return None
