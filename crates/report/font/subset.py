"""Makes Roboto-Regular.ttf and Roboto-Bold.ttf, the letters of figures as PNG, beside itself.

Usage: python3 subset.py DIRECTORY, where Roboto's own files lie; needs fontTools 4.
Debian has them as fonts-roboto-unhinted 2:0~20170802-3, in
/usr/share/fonts/truetype/roboto/unhinted/RobotoTTF.
"""

import sys
from pathlib import Path

from fontTools import subset

UNICODES = [
    *range(0x20, 0x7F), *range(0xA0, 0x180),  # Latin
    *range(0x370, 0x400),  # Greek
    *range(0x2010, 0x2034), *range(0x2070, 0x20A0), 0x20AC,  # dashes, quotes, small digits
    *range(0x2190, 0x2200), *range(0x2200, 0x2300), *range(0x25A0, 0x2600),  # signs
    0xFFFD,
]

for name in ["Roboto-Regular.ttf", "Roboto-Bold.ttf"]:
    options = subset.Options()
    options.hinting = False
    options.layout_features = ["kern", "mark", "ccmp"]
    options.name_IDs = [0, 1, 2, 3, 4, 5, 6, 7, 13, 14]
    options.notdef_outline = True
    font = subset.load_font(Path(sys.argv[1]) / name, options)
    # The same input gives the same bytes.
    font.recalcTimestamp = False
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=UNICODES)
    subsetter.subset(font)
    subset.save_font(font, Path(__file__).parent / name, options)
