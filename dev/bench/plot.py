"""The plot of cost against size, drawn with Pillow, which Odoo brings."""

import json
import math
import sys

from PIL import Image, ImageDraw, ImageFont

#: Drawn at twice its size and reduced: smooth lines.
SCALE = 2
WIDTH, HEIGHT = 900, 420
LEFT, RIGHT, TOP, BOTTOM = 70, 30, 60, 60
GAP = 110
INK, GRID = "#333333", "#dddddd"
CURVES = (
    ("send", "send (answers at once)", "#b03a2e"),
    ("validate", "validate, connected", "#1f618d"),
    ("flag", "write one Boolean", "#7d8a91"),
)


def draw(points, path):
    """Draw seconds and calls against the number of lines, both axes logarithmic.

    :param points: list of dicts as ``curves.points`` returns them
    :param path: PNG file to write
    """
    image = Image.new("RGB", (WIDTH * SCALE, HEIGHT * SCALE), "white")
    half = (WIDTH - LEFT - RIGHT - GAP) / 2
    seconds = _Panel(image, LEFT, LEFT + half, points, "seconds")
    for name, title, colour in CURVES:
        seconds.curve([(p["lines"], p[name]) for p in points], title, colour)
    calls = _Panel(
        image, LEFT + half + GAP, WIDTH - RIGHT, points, "calls to Tripletex"
    )
    calls.curve([(p["lines"], p["lines"]) for p in points], "one per line", "#7d8a91")
    calls.curve([(p["lines"], p["calls"]) for p in points], "send", "#b03a2e")
    for panel in (seconds, calls):
        panel.finish()
    image.resize((WIDTH, HEIGHT), Image.Resampling.LANCZOS).save(path, optimize=True)


class _Panel:
    """One pair of logarithmic axes."""

    def __init__(self, image, left, right, points, title):
        self.pen = ImageDraw.Draw(image)
        self.left, self.right = left, right
        self.sizes = [point["lines"] for point in points]
        self.title = title
        self.curves = []

    def curve(self, points, title, colour):
        """Take a curve; they are drawn together, once the scale is known."""
        self.curves.append((points, title, colour))

    def finish(self):
        """Draw axes, grid, curves and their titles."""
        values = [y for points, _title, _colour in self.curves for _x, y in points]
        self.low = 10 ** math.floor(math.log10(min(values)))
        self.high = 10 ** math.ceil(math.log10(max(values)))
        self._grid()
        for index, (points, title, colour) in enumerate(self.curves):
            path = [self._place(*point) for point in points]
            self.pen.line(path, fill=colour, width=3 * SCALE)
            for x, y in path:
                radius = 4 * SCALE
                self.pen.ellipse(
                    (x - radius, y - radius, x + radius, y + radius), colour
                )
            place = (self.left + 12, TOP + 8 + 18 * index)
            self._text(place, title, colour, "la")
        middle = (self.left + self.right) / 2
        self._text((middle, HEIGHT - 18), "timesheet lines", INK, "mm")
        self._text((self.left, TOP - 22), self.title, INK, "lm")

    def _grid(self):
        for exponent in range(round(math.log10(self.high / self.low)) + 1):
            value = self.low * 10**exponent
            y = self._place(self.sizes[0], value)[1]
            ends = [(self.left * SCALE, y), (self.right * SCALE, y)]
            self.pen.line(ends, GRID, SCALE)
            self._text((self.left - 8, y / SCALE), f"{value:,g}", INK, "rm")
        for size in self.sizes:
            x = self._place(size, self.low)[0]
            self.pen.line(
                [(x, TOP * SCALE), (x, (HEIGHT - BOTTOM) * SCALE)], GRID, SCALE
            )
            self._text((x / SCALE, HEIGHT - BOTTOM + 14), f"{size:,}", INK, "mm")

    def _place(self, x, y):
        first, last = self.sizes[0], self.sizes[-1]
        across = math.log(x / first) / math.log(last / first)
        up = math.log(y / self.low) / math.log(self.high / self.low)
        inset = 14
        width = self.right - self.left - 2 * inset
        height = HEIGHT - TOP - BOTTOM
        return (
            (self.left + inset + across * width) * SCALE,
            (HEIGHT - BOTTOM - up * height) * SCALE,
        )

    def _text(self, place, text, colour, anchor):
        font = ImageFont.load_default(13 * SCALE)
        x, y = place
        self.pen.text((x * SCALE, y * SCALE), text, colour, font, anchor)


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as answer:
        draw(json.load(answer)["points"], sys.argv[2])
