/*  folder.h - a folder with a file, or a few, for each document. */
#ifndef QW_EXPORT_FOLDER_H
#define QW_EXPORT_FOLDER_H

#include "sink/export/format.h"

typedef struct qw_folder_t qw_folder_t;

/* Makes the folder if it is not there. NULL with a reason when it can't be had. */
qw_folder_t *qw_folder_open (const char *path, qw_reason_t *reason);
void qw_folder_close (qw_folder_t **self_p);

/* Writes a file of the document: its position and as much of its id as is safe in a name, "00000012-a1.txt". One that is
 * there is replaced. */
qw_status_t qw_folder_put (qw_folder_t *self, const qw_export_document_t *document, const char *suffix, const char *bytes,
                           size_t size, qw_reason_t *reason);

/* Writes another file. */
qw_status_t qw_folder_put_named (qw_folder_t *self, const char *name, const char *bytes, size_t size, qw_reason_t *reason);

#endif
