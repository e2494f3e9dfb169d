/*  quotewire-keys - makes, lists and revokes the keys by which programs know each other across machines. */
#include <czmq.h>
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "proto/keys.h"
#include "proto/options.h"

enum { EXIT_REFUSED = 1, EXIT_USAGE = 2, EXIT_FAILED = 3, PATH = 4096 };

static const char program_name[] = "quotewire-keys";

static int misused (const char *text)
{
    fprintf (stderr, "%s: %s\nTry '%s --help'.\n", program_name, text, program_name);
    return EXIT_USAGE;
}

static int failed (qw_status_t status, const qw_reason_t *reason)
{
    fprintf (stderr, "%s: %s\n", program_name, reason->text);
    return status == QW_EXISTS || status == QW_NOT_FOUND ? EXIT_REFUSED : status == QW_SYSTEM ? EXIT_FAILED : EXIT_USAGE;
}

static int make_key (const char *directory, int count, char *operands[])
{
    if (count != 2)
        return misused ("say which role and which name: new worker NAME");
    qw_peer_role_t role = qw_peer_role_of_name (operands[0]);
    if (role != QW_ROLE_WORKER && role != QW_ROLE_READER && role != QW_ROLE_ADMIN)
        return misused ("a key is for a worker, a reader or an admin; sink and ventilator have theirs with the first");
    qw_reason_t reason;
    qw_status_t status = qw_key_make (directory, role, operands[1], &reason);
    if (status)
        return failed (status, &reason);
    printf ("%s/%s.key\n", directory, operands[1]);
    return 0;
}

static int list (const char *directory, int count)
{
    char path[PATH];
    struct dirent **entries;
    if (count != 0)
        return misused ("list takes no operands");
    snprintf (path, sizeof path, "%s/known", directory);
    int found = scandir (path, &entries, NULL, alphasort);
    if (found < 0) {
        fprintf (stderr, "%s: there are no keys in '%s'\n", program_name, directory);
        return EXIT_REFUSED;
    }
    for (int i = 0; i < found; i++) {
        char file[PATH + 256], made[32] = "";
        struct stat facts;
        qw_key_t key;
        qw_reason_t reason;
        snprintf (file, sizeof file, "%s/%s", path, entries[i]->d_name);
        if (entries[i]->d_name[0] != '.' && qw_key_load_public (&key, file, &reason) != QW_OK)
            fprintf (stderr, "%s: %s\n", program_name, reason.text);
        else if (entries[i]->d_name[0] != '.') {
            if (stat (file, &facts) == 0)
                strftime (made, sizeof made, "%Y-%m-%d", gmtime (&facts.st_mtime));
            printf ("%-10s %-24s %s %s\n", qw_peer_role_name (key.role), key.name, made, key.public_key);
        }
        free (entries[i]);
    }
    free (entries);
    return 0;
}

static int take_away (const char *directory, int count, char *operands[])
{
    if (count < 1)
        return misused ("say which key: revoke NAME...");
    int code = 0;
    for (int i = 0; i < count; i++) {
        qw_reason_t reason;
        qw_status_t status = qw_key_revoke (directory, operands[i], &reason);
        if (status)
            code = failed (status, &reason);
    }
    return code;
}

int main (int argc, char *argv[])
{
    const char *directory = NULL;
    const qw_option_t options[] = {
        {"keys", 'k', QW_OPTION_TEXT, &directory, "DIR", "the folder of keys", 0, 0}, {NULL}};
    const qw_program_t program = {
        program_name,
        "--keys DIR new worker|reader|admin NAME\n       quotewire-keys --keys DIR list\n       quotewire-keys --keys DIR revoke NAME...",
        "Keys by which the programs of a pipeline know each other across machines: everything on tcp is encrypted, and nobody\n"
        "gets in who has no key, or one of another role.\n"
        "\n"
        "'new' makes a key and prints the name of its file. The first also makes the folder, with the keys of the sink and the\n"
        "ventilator. Take the file to where that program runs, and nowhere else: 'quotewire worker --key FILE'. Several\n"
        "workers may share one.\n"
        "\n"
        "'revoke' takes a key away: within a second, running programs end its connections and refuse it.\n"
        "\n"
        "Where sink and ventilator run on different machines, each needs its own .key and the folder known/, which has nothing\n"
        "secret in it.",
        "Exit codes: 0 done; 1 there is such a key already, or none; 2 wrong usage, or a folder that others may enter; 3 a file\n"
        "cannot be written.\n"
        "\n"
        "Example:\n"
        "  quotewire keys new worker rack-1\n"
        "  scp ~/.config/quotewire/keys/rack-1.key rack-1:",
        options};
    umask (0077);
    zsys_handler_set (NULL);
    int first = qw_options_parse (&program, argc, argv), count = argc - first - 1;
    if (!directory)
        return misused ("--keys is needed");
    if (first == argc)
        return misused ("say new, list or revoke");
    if (strcmp (argv[first], "new") == 0)
        return make_key (directory, count, argv + first + 1);
    if (strcmp (argv[first], "list") == 0)
        return list (directory, count);
    if (strcmp (argv[first], "revoke") == 0)
        return take_away (directory, count, argv + first + 1);
    return misused ("say new, list or revoke");
}
