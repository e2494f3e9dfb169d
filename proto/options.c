#include "proto/options.h"

#include <czmq.h>
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_OPTIONS = 48, HELP = 1000, VERSION, CONFIG };

static void say_wrong (const qw_program_t *program, const char *format, ...)
    __attribute__ ((format (printf, 2, 3), noreturn));

static void say_wrong (const qw_program_t *program, const char *format, ...)
{
    va_list arguments;
    va_start (arguments, format);
    fprintf (stderr, "%s: ", program->name);
    vfprintf (stderr, format, arguments);
    fprintf (stderr, "\nTry '%s --help'.\n", program->name);
    va_end (arguments);
    exit (2);
}

static void print_option (char letter, const char *name, const char *argument, const char *help)
{
    char left[64];
    snprintf (left, sizeof left, "  %c%c%s --%s%s%s", letter ? '-' : ' ', letter ? letter : ' ', letter ? "," : " ", name,
              argument ? " " : "", argument ? argument : "");
    printf ("%-30s", left);
    if (strlen (left) > 28)
        printf ("\n%-30s", "");
    for (const char *c = help; *c; c++) {
        putchar (*c);
        if (*c == '\n')
            printf ("%-30s", "");
    }
    putchar ('\n');
}

static void print_help (const qw_program_t *program)
{
    printf ("usage: %s %s\n\n%s\n\nOptions:\n", program->name, program->usage, program->about);
    for (const qw_option_t *option = program->options; option->name; option++)
        print_option (option->letter, option->name, option->argument, option->help);
    print_option ('c', "config", "FILE",
                  "read options from a ZPL file (CZMQ's zconfig):\n\"name = value\" a line; the command line wins");
    print_option ('h', "help", NULL, "this text");
    print_option ('V', "version", NULL, "the version");
    if (program->after)
        printf ("\n%s\n", program->after);
}

static bool read_number (const char *text, uint64_t *number)
{
    char *end;
    errno = 0;
    unsigned long long value = strtoull (text, &end, 10);
    unsigned shift = *end == 'K' || *end == 'k' ? 10 : *end == 'M' ? 20 : *end == 'G' ? 30 : 0;
    if (end == text || text[0] == '-' || errno || end[shift > 0] || (shift && value > UINT64_MAX >> shift))
        return false;
    *number = (uint64_t) value << shift;
    return true;
}

static void set (const qw_program_t *program, const qw_option_t *option, const char *text)
{
    if (option->kind == QW_OPTION_TEXT) {
        *(const char **) option->value = text;
        return;
    }
    if (option->kind == QW_OPTION_FLAG) {
        bool on = !text || strcmp (text, "1") == 0 || strcmp (text, "true") == 0 || strcmp (text, "yes") == 0;
        if (!on && strcmp (text, "0") != 0 && strcmp (text, "false") != 0 && strcmp (text, "no") != 0)
            say_wrong (program, "option '%s' is true or false, not '%s'", option->name, text);
        *(bool *) option->value = on;
        return;
    }
    uint64_t number;
    if (!read_number (text, &number))
        say_wrong (program, "option '%s' needs a number, not '%s'", option->name, text);
    if (number < option->least || (option->most && number > option->most))
        say_wrong (program, "option '%s' must be %llu to %llu, not %s", option->name, (unsigned long long) option->least,
                   (unsigned long long) option->most, text);
    *(uint64_t *) option->value = number;
}

/* Values live as long as the process, so the tree is never freed; it stays reachable for leak checkers. */
static zconfig_t *configuration;

static void read_config (const qw_program_t *program, const char *path)
{
    configuration = zconfig_load (path);
    if (!configuration)
        say_wrong (program, "the configuration file '%s' cannot be read", path);
    for (zconfig_t *item = zconfig_child (configuration); item; item = zconfig_next (item)) {
        const qw_option_t *option = program->options;
        while (option->name && strcmp (option->name, zconfig_name (item)) != 0)
            option++;
        if (!option->name)
            say_wrong (program, "the configuration file '%s' has the unknown option '%s'", path, zconfig_name (item));
        set (program, option, zconfig_value (item));
    }
}

int qw_options_parse (const qw_program_t *program, int argc, char *argv[])
{
    struct option longs[MAX_OPTIONS + 4];
    char shorts[2 * MAX_OPTIONS + 8] = "hVc:";
    size_t count = 0;
    for (const qw_option_t *option = program->options; option->name && count < MAX_OPTIONS; option++, count++) {
        int takes = option->kind == QW_OPTION_FLAG ? no_argument : required_argument;
        longs[count] = (struct option){option->name, takes, NULL, (int) count + 1};
        if (option->letter)
            snprintf (shorts + strlen (shorts), 3, "%c%s", option->letter, takes == required_argument ? ":" : "");
    }
    longs[count] = (struct option){"help", no_argument, NULL, HELP};
    longs[count + 1] = (struct option){"version", no_argument, NULL, VERSION};
    longs[count + 2] = (struct option){"config", required_argument, NULL, CONFIG};
    longs[count + 3] = (struct option){NULL, 0, NULL, 0};

    /* two walks: the first finds the configuration file, the second lets the command line win over it */
    for (int walk = 0; walk < 2; walk++) {
        optind = 1;
        opterr = walk == 0;
        for (int c; (c = getopt_long (argc, argv, shorts, longs, NULL)) != -1;) {
            if (c == HELP || c == 'h') {
                print_help (program);
                exit (0);
            }
            if (c == VERSION || c == 'V') {
                printf ("%s %s\n", program->name, QW_VERSION);
                exit (0);
            }
            if (c == '?') {
                fprintf (stderr, "Try '%s --help'.\n", program->name);
                exit (2);
            }
            if (c == CONFIG || c == 'c') {
                if (walk == 0)
                    read_config (program, optarg);
                continue;
            }
            if (walk == 0)
                continue;
            size_t i = (size_t) c - 1;
            if (i >= count)
                for (i = 0; i < count && program->options[i].letter != c;)
                    i++;
            set (program, &program->options[i], optarg);
        }
    }
    return optind;
}
