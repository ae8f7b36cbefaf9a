"""A table per file, and what survived as diffs."""

from collections import Counter

OUTCOMES = ("killed", "timeout", "survived", "fruitless")


def tell(mutants, results, file):
    """Print the table and the survivors; write these to ``file`` as well."""
    counts = {}
    for mutant in mutants:
        if mutant.key in results:
            outcome = results[mutant.key]["outcome"]
            counts.setdefault(mutant.path, Counter())[outcome] += 1
    survivors = [
        f"{mutant.diff()}# {results[mutant.key]['test'] or 'no test fails'}\n"
        for mutant in sorted(mutants, key=lambda one: (one.path, one.number))
        if results.get(mutant.key, {}).get("outcome") == "survived"
    ]
    file.write_text("\n".join(survivors), encoding="utf-8")
    print("\n".join(survivors))
    print(f"{'':42}{'mutants':>8}{'killed':>8}{'timeout':>8}{'alive':>8}{'score':>9}")
    for path in sorted(counts):
        print(_row(path, counts[path]))
    print(_row("all", sum(counts.values(), Counter())))
    print(f"Survivors: {file}")


def _row(name, count):
    killed, timeout, survived, _fruitless = (count[word] for word in OUTCOMES)
    total = killed + timeout + survived
    score = f"{(killed + timeout) / total:.1%}" if total else "–"
    return f"{name:42}{total:8}{killed:8}{timeout:8}{survived:8}{score:>9}"
