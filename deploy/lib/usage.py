"""The texts of --help."""

VERSION = "0.1.0"

MAIN = """\
Usage: quotewire COMMAND [ARGUMENT]...

Turns news articles into one annotated corpus: tokens and sentences, named entities, and
quotations with who said them.

Making a corpus:
  run SOURCE... --corpus DIR   annotate articles; run again to go on where it stopped
  status                       what the running pipelines are doing
  failed list DIR              the documents that failed, and why
  failed retry DIR             annotate them again
  failed drop DIR              forget them

Reading a corpus:
  show DIR                     who said what, for people
  summary DIR                  what is in it, in numbers
  export DIR --format FORMAT   jsonl, conllu, brat, webanno, tei, csv or parquet
  follow                       documents as they come, from the beginning or from a position
  index DIR                    put it into SQLite or PostgreSQL, and keep it up to date there
  query [SPEAKER]              quotations by speaker, words, outlet, date, from the index
  speakers, entities [NAME]    who is quoted, who is mentioned, and how often, from the index
  serve DIR                    in the browser, and as a JSON API
  aliases DIR                  names that may be other spellings of each other, with a score
  check DIR                    look for damage

Across machines:
  keys new worker NAME         a key for a machine whose workers may join; keys list, keys revoke
  worker --connect ENDPOINT --key FILE
                               a worker that joins a pipeline on another machine

Single programs:
  annotate                     JSON lines in, annotated JSON lines out, without a corpus
  ventilator, worker, sink     the three roles, for other supervisors and other machines

'quotewire COMMAND --help' says more about each. Options: -h, --help; -V, --version.

Environment: QUOTEWIRE_BUILD, a folder with the programs (default: build/ of the
checkout, or what is installed); QUOTEWIRE_MODELS, a folder with the models (likewise);
QUOTEWIRE_KEYS, the folder of keys (default: ~/.config/quotewire/keys); XDG_RUNTIME_DIR,
where running pipelines keep their sockets (default: /tmp); NO_COLOR, no colours.
"""

RUN = """\
Usage: quotewire run SOURCE... --corpus DIR [OPTION]...
       quotewire run --from CORPUS --layers NAME --corpus DIR --worker COMMAND [OPTION]...

Annotates the articles of every SOURCE and appends them to the corpus DIR, in the order
of the sources. Starts a sink, a ventilator and workers, restarts what dies, and ends
when every document is committed.

A SOURCE is a file or a directory (.txt; .json and .jsonl with one {"id", "text", ...} a
line; web pages as .html or .warc; NewsML-G2, NITF, RSS or Atom as .xml; these in .gz,
.zst, .xz, .bz2, .tar or .zip), or - for standard input. What the corpus has already is
skipped: after an interruption or a crash the same command goes on where it stopped.

  -d, --corpus DIR            the corpus; made if it is not there
      --from CORPUS           instead of a SOURCE: all documents of that corpus, each with its
                              layers, which stay as they are; --layers names one to add
  -w, --workers N             worker processes (one a core)
      --worker COMMAND        a worker of your own in place of ours, which is given the
                              endpoint of the tasks as its last argument: docs/layers.md
  -l, --layers GROUPS         layers to make: '+' within a group that one worker makes in
                              one go, ',' between groups (tokens+entities+quotes)
  -f, --follow                keep watching directories for new articles, until stopped
      --source-type TYPE      what every SOURCE is: text, jsonl, json, html, news-xml or
                              warc (auto: by names and content)
      --chunk-bytes N         cut articles that are larger, K or M may follow (64K)
      --serve ENDPOINT        where readers connect, ipc://PATH or tcp://HOST:PORT, besides
                              the private socket that 'quotewire follow' finds
      --listen tcp://HOST:PORT
                              open to other machines: workers at PORT ('quotewire worker
                              --connect tcp://HOST:PORT --key FILE') and PORT + 1, readers
                              at PORT + 2; HOST may be *. With --workers 0, all workers
                              are elsewhere
      --keys DIR              who may come in from there: see 'quotewire keys --help'
                              (~/.config/quotewire/keys, if it is there)
      --insecure              open it to everybody, without keys and without encryption
      --metrics HOST:PORT     answer Prometheus at http://HOST:PORT/metrics for the sink, at
                              PORT + 1 for the ventilator, and from PORT + 2 on for the
                              workers, one each (default: nobody; ':PORT' is 127.0.0.1)
      --log FILE              append everything that the programs say to FILE
      --sink-config FILE, --ventilator-config FILE, --worker-config FILE
                              further options of a role, as 'name = value' lines;
                              'quotewire sink --help' and so on list them
  -j, --json                  the summary as JSON
  -q, --quiet                 no progress and no summary; errors only
  -h, --help                  this text

Progress goes to standard error: one line that changes on a terminal, a line every 5
seconds elsewhere. The summary goes to standard output. Ctrl-C stops cleanly; a second
Ctrl-C stops at once, which does no harm either.

Exit codes:
    0  every document of the sources is annotated
    1  every document is in the corpus, but some as failed: see 'quotewire failed list DIR'
    2  wrong usage, or a SOURCE that is not there
    3  the corpus cannot be written (a full disk, a failed fsync, damage), or refuses
       this run (other layers)
    4  another run or another sink has the corpus
    5  the pipeline cannot run: a program is missing or dies at every start, or standard
       input was lost with its reader
  130  stopped by Ctrl-C, SIGTERM or SIGHUP

Examples:
  quotewire run articles/ --corpus news.corpus
  zcat dump.jsonl.gz | quotewire run - --corpus news.corpus --quiet
  quotewire run inbox/ --corpus news.corpus --follow --serve tcp://127.0.0.1:7411
  quotewire run articles/ --corpus news.corpus --listen 'tcp://*:7400'
  quotewire run --from news.corpus --layers sentiment --corpus new.corpus \\
      --worker 'python3 workers/python/sentiment.py'
"""

RETRY = """\
Usage: quotewire failed retry DIR [OPTION]...

Annotates the failed documents of the corpus DIR again, with the text that the corpus
has of them. Those that succeed are appended to the corpus and supersede their failures.
Options and exit codes are those of 'quotewire run', which see; there is no SOURCE.

Example:
  quotewire failed retry news.corpus --workers 1
"""

FAILED = """\
Usage: quotewire failed list|retry|drop DIR [OPTION]...

Documents that could not be read or annotated stand in the corpus as failed, with the
reason. 'list' shows them, 'retry' annotates them again, 'drop' forgets them. 'quotewire
failed list --help' and so on say more about each.
"""

STATUS = """\
Usage: quotewire status [--corpus DIR] [OPTION]...

Asks the pipelines of this user that are running now (or the one on DIR) how they are:
documents, rates, and for each worker its rate, tasks out, and when it was last heard.

  -d, --corpus DIR            only the pipeline on this corpus
      --tasks ENDPOINT, --control ENDPOINT
                              ask this ventilator and this sink instead, which
                              'quotewire run' has not started
  -k, --key FILE              an admin's key ('quotewire keys --help'), for tcp
  -j, --json                  a line of JSON for each pipeline
      --timeout-ms N          wait so long for answers (2000)
  -h, --help                  this text

Exit codes: 0 all answered; 1 no pipeline is running, or one did not answer; 2 wrong
usage; 5 a program is missing; 130 stopped by a signal.

Example:
  watch quotewire status
"""

FOLLOW = """\
Usage: quotewire follow [--corpus DIR | ENDPOINT] [OPTION]...

Writes the documents of a running pipeline to standard output as they are committed: all
from a position on, then each as it comes. Goes on by itself when the pipeline is
started again; nothing is left out and nothing comes twice. With no ENDPOINT it follows
the pipeline on the corpus DIR, or the only one that runs.

  -d, --corpus DIR      follow the pipeline on this corpus
  -n, --count N         end after N documents
      --from N          begin at position N (0)
  -s, --state FILE      keep the position in FILE, and go on from there the next time
      --no-wait         end when everything that is there was had
  -f, --format FORMAT   jsonl (a JSON object a line) or msgpack (the records as they are)
  -h, --help            this text

Exit codes: 0 --count or --no-wait was reached, or Ctrl-C came; 1 the sink refuses the
position or cannot read a record; 2 wrong usage; 3 no pipeline to follow, or the output
or the state cannot be written.

Example:
  quotewire follow --state position | jq -r '.quotes[]? | select(.speaker) | .speaker'
"""
