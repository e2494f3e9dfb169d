"""Articles made up from a small vocabulary, the same ones for the same seed: long and short, with every awkwardness that a
source can have, so that all ways through ventilator, workers and sink are taken."""
import json
import random

FIRST = ["Ada", "Bruno", "Célia", "Dorothea", "Emre", "Farid", "Greta", "Håkon", "Imani", "Jorge", "Kofi", "Lucía", "Mara",
         "Nils", "Oksana", "Priya", "Rosa", "Søren", "Tomasz", "Una"]
LAST = ["Abara", "Brandt", "Castellan", "Dunmore", "Eklund", "Farrow", "Grieve", "Holloway", "Ivers", "Jarrow", "Kessel",
        "Lindqvist", "Moreau", "Nakata", "Okoye", "Pell", "Quist"]
PLACES = ["Port Élan", "Westmere", "Holm", "Quayside", "São Brás", "Kestrel Bay", "Nordhavn", "the Republic of Saar", "Łódź"]
BODIES = ["the Harbour Office", "Brandt Shipping", "the Ministry of Works", "Kessel & Sons", "Radio Holm", "the High Court"]
TITLES = ["harbour master", "mayor", "minister", "engineer", "spokeswoman", "coach", "chief executive", "witness", "judge"]
DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"]
VERBS = ["said", "told reporters", "added", "insisted", "warned", "wrote"]
CLAIMS = ["the bridge will open before winter", "nobody had seen the crane move", "prices rose by 4.5 per cent in March",
          "we shall not sign such a paper", "the water came up to the second step", "‘enough’ is a word that he does not know",
          "it cost $3.2 million, not less", "they have had no answer since Tuesday"]
SENTENCES = ["{place} woke to rain on {day}.",
             "{body} paid €{number} for the land in {year}.",
             "{person} and {other} met at {place} on {day}, {year}.",
             "The vote, {number} to 12, came after a night of talks.",
             "{other}, a {title} from {place}, declined to comment.",
             "Mr. {last} left the room at 9:45 p.m. and did not return.",
             "船は朝に出る。 The sign at {place} has not been changed. 🚢",
             "“{claim},” {person} {verb}.",
             "{person}, the {title} of {body}, {verb}: “{claim}. {claim2}.”",
             "“{claim},” she {verb}. “{claim2}.”",
             "{person} said that {claim}.",
             "According to {person}, {claim}.",
             "“{claim}.\n\n“{claim2},” he {verb}."]


def _sentence(chance):
    people = [f"{chance.choice(FIRST)} {chance.choice(LAST)}" for _ in range(2)]
    return chance.choice(SENTENCES).format(
        person=people[0], other=people[1], last=people[0].split()[-1], place=chance.choice(PLACES), day=chance.choice(DAYS),
        body=chance.choice(BODIES), title=chance.choice(TITLES), verb=chance.choice(VERBS), claim=chance.choice(CLAIMS),
        claim2=chance.choice(CLAIMS), number=chance.randrange(2, 900), year=chance.randrange(1950, 2026))


def article(chance, paragraphs):
    """A text of so many paragraphs; some are datelined, some are one long line."""
    parts = [" ".join(_sentence(chance) for _ in range(chance.randint(1, 4))) for _ in range(paragraphs)]
    if chance.random() < 0.3:
        parts[0] = f"{chance.choice(PLACES).upper()} (Wire) — {parts[0]}"
    return f"{chance.choice(PLACES)} waits for {chance.choice(BODIES)}\n\n" + "\n\n".join(parts) + "\n"


def lines(count, seed=1):
    """So many records as JSON lines. One in forty is long, one in fifty cannot be read, one in sixty was there before, one in
    eighty has the id of another text."""
    chance = random.Random(seed)
    texts = {}
    for i in range(count):
        kind = chance.randrange(1200)
        known = chance.choice(list(texts)) if texts and kind % 10 == 0 else None
        if kind < 30:
            record = {"id": f"doc-{i}", "text": article(chance, chance.randint(25, 60))}
        elif kind < 54:
            yield chance.choice(['{"id": "doc-%d", "text": 7}', '{"id": "doc-%d", "te', "doc-%d, a line that is no JSON"]) % i
            continue
        elif 54 <= kind < 254 and known:
            record = {"id": known, "text": texts[known]}
        elif 254 <= kind < 404 and known:
            record = {"id": known, "text": texts[known] + "A later version.\n"}
        elif kind < 415:
            record = {"id": f"doc-{i}", "text": " ".join(_sentence(chance) for _ in range(120)).replace("\n\n", " ")}
        elif kind < 420:
            record = {"id": f"doc-{i}", "text": chance.choice(["", " \n", "\u200b", "¶" * 5000, "Fin."])}
        else:
            record = {"id": f"doc-{i}", "text": article(chance, chance.randint(2, 9)), "day": chance.choice(DAYS)}
        if len(texts) < 500:
            texts.setdefault(record["id"], record["text"])
        yield json.dumps(record, ensure_ascii=chance.random() < 0.5)


def write(path, count, seed=1):
    with open(path, "w", encoding="utf-8") as out:
        for line in lines(count, seed):
            out.write(line + "\n")
    return path
