/*  fuzz_entities.c - the first byte chooses: 'm' and what follows is a model's file, damaged or not; otherwise a text. Whatever
    comes: no crash, mentions inside the text and in order, and clusters for all of those that must have one. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/utf8.h"
#include "sink/resolve/clusters.h"
#include "workers/annotator.h"
#include "workers/entities/model.h"

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size);

static const char sample[] = "Mara Velden of the Harbour Workers Union (HWU) flew to Oslo on 3 May 1999. \"No,\" said Ms. Velden.";

static void must (bool holds)
{
    if (!holds)
        abort ();
}

static void *read_model (const char *path, size_t *size)
{
    FILE *file = fopen (path, "rb");
    must (file != NULL);
    fseek (file, 0, SEEK_END);
    *size = (size_t) ftell (file);
    rewind (file);
    void *bytes = malloc (*size);
    must (bytes && fread (bytes, 1, *size, file) == *size);
    fclose (file);
    return bytes;
}

static void annotate (void *tokens, void *entities, const char *text, size_t size)
{
    static qw_layers_t *layers;
    static qw_clusters_t *clusters;
    if (!layers) {
        layers = qw_layers_new ();
        clusters = qw_clusters_new ();
    }
    qw_reason_t reason;
    qw_paragraph_t whole = {{0, (uint32_t) size}, QW_ROLE_BODY};
    qw_chunk_t chunk = {text, size, &whole, size > 0, false};
    qw_layers_clear (layers);
    must (!qw_tokens_annotator.annotate (tokens, &chunk, layers, &reason));
    must (!qw_entities_annotator.annotate (entities, &chunk, layers, &reason));
    qw_clusters_resolve (clusters, text, size, &whole, size > 0, layers);
    uint32_t before = 0;
    for (size_t i = 0; i < layers->mention_count; i++) {
        const qw_mention_t *mention = &layers->mentions[i];
        must (mention->span.start >= before && mention->span.end > mention->span.start && mention->span.end <= size);
        must (qw_utf8_is_boundary (text, size, mention->span.start) && qw_utf8_is_boundary (text, size, mention->span.end));
        must (mention->cluster == QW_NO_CLUSTER || mention->cluster < layers->cluster_count);
        must (mention->cluster == QW_NO_CLUSTER || mention->type == layers->clusters[mention->cluster].type);
        before = mention->span.end;
    }
    for (size_t i = 0; i < layers->cluster_count; i++) {
        qw_cluster_t *cluster = &layers->clusters[i];
        must (cluster->key.offset + cluster->key.size <= layers->string_size && cluster->key.size > 0);
        must (qw_utf8_is_valid (qw_layers_string (layers, cluster->key), cluster->key.size));
        must (qw_utf8_is_valid (qw_layers_string (layers, cluster->name), cluster->name.size));
        qw_clusters_gender (clusters, (uint32_t) i);
    }
}

/* Damage behind a right checksum gets further. */
static void open_model (void *tokens, const uint8_t *data, size_t size)
{
    void *bytes = aligned_alloc (64, (size / 64 + 1) * 64), *instance = NULL;
    must (bytes != NULL);
    memcpy (bytes, data, size);
    for (int mended = 0; mended < 2; mended++) {
        qw_reason_t reason = {""};
        if (mended && size >= sizeof (qw_model_head_t)) {
            qw_model_head_t head;
            memcpy (&head, bytes, sizeof head);
            head.size = size;
            head.checksum = qw_model_checksum (bytes, size);
            memcpy (bytes, &head, sizeof head);
        }
        if (qw_entities_annotator.open (&instance, bytes, size, &reason))
            must (reason.text[0] != 0);
        else {
            annotate (tokens, instance, sample, sizeof sample - 1);
            qw_entities_annotator.close (&instance);
        }
    }
    free (bytes);
}

int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
    static void *tokens, *entities;
    if (!tokens) {
        size_t sizes[2];
        qw_reason_t reason;
        void *models[2] = {read_model ("workers/models/tokens.model", &sizes[0]),
                           read_model ("workers/models/entities.model", &sizes[1])};
        must (!qw_tokens_annotator.open (&tokens, models[0], sizes[0], &reason));
        must (!qw_entities_annotator.open (&entities, models[1], sizes[1], &reason));
    }
    if (size > 0 && data[0] == 'm')
        open_model (tokens, data + 1, size - 1);
    else
        annotate (tokens, entities, (const char *) data, qw_utf8_valid_prefix ((const char *) data, size));
    return 0;
}
