"""Makes Inter-*.otf of this folder from Debian's fonts-inter: Latin, Greek and Cyrillic letters and a few signs, with
digits all of one width (the font's own `tnum`), so that numbers do not dance. Needs fonttools: subset.py IN OUT"""
import sys
from fontTools import subset
from fontTools.ttLib import TTFont

SIGNS = [0x2013, 0x2014, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2026, 0x2190, 0x2191, 0x2192, 0x2193, 0x2212, 0x221E]
LETTERS = [*range(0x20, 0x180), *range(0x370, 0x400), *range(0x400, 0x460)]

font = TTFont(sys.argv[1])
gsub = font["GSUB"].table
tabular = {}
for feature in gsub.FeatureList.FeatureRecord:
    if feature.FeatureTag == "tnum":
        for index in feature.Feature.LookupListIndex:
            for table in gsub.LookupList.Lookup[index].SubTable:
                tabular.update(getattr(table, "ExtSubTable", table).mapping)
for table in font["cmap"].tables:
    for code in [*range(ord("0"), ord("9") + 1), ord("+"), ord("-"), 0x2212]:
        if table.cmap.get(code) in tabular:
            table.cmap[code] = tabular[table.cmap[code]]

options = subset.Options(layout_features=[], hinting=False, name_IDs=[0, 1, 2, 3, 4, 5, 6, 13, 14], notdef_outline=True)
subsetter = subset.Subsetter(options)
subsetter.populate(unicodes=LETTERS + SIGNS)
subsetter.subset(font)
font.save(sys.argv[2])
