"""What became of the statements, by family."""

import collections

#: The least share of ordinary statements that must work.
FLOOR = 0.98


class Outcomes:
    """Counts, and keeps the reason of each failure."""
    def __init__(self):
        self.families = collections.defaultdict(list)

    def add(self, family, statement, reason):
        """`reason`: None when it worked."""
        self.families[family].append((statement, reason))

    @property
    def share(self):
        told = [reason for group in self.families.values() for _, reason in group]
        return sum(reason is None for reason in told) / len(told)

    def failures(self):
        return [(family, statement, reason) for family, group in self.families.items() for statement, reason in group
                if reason]

    def table(self):
        """One line a family, then each failure."""
        yield f"{'family':14}{'statements':>11}{'work':>7}{'share':>9}"
        total, working = 0, 0
        for family, group in self.families.items():
            works = sum(reason is None for _, reason in group)
            total, working = total + len(group), working + works
            yield f"{family:14}{len(group):11}{works:7}{100 * works / len(group):8.1f}%"
        yield f"{'all':14}{total:11}{working:7}{100 * working / total:8.1f}%"
        for family, statement, reason in self.failures():
            yield f"{family}: {' '.join(statement.split())[:160]}\n    {reason}"
