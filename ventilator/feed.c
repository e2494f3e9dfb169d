#include "ventilator/feed.h"

#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* Articles are handed over in batches: waking the other thread for each one costs more than reading it. */
enum { MAX_ARTICLES = 256, MAX_BYTES = 8 << 20, BATCH_ARTICLES = 32, BATCH_BYTES = 128 << 10 };

struct qw_feed_t {
    qw_source_t *source;
    qw_retry_t *retry;
    qw_replay_t *replay;
    qw_article_maker_t *maker;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t room;
    qw_article_t *queue[MAX_ARTICLES]; /* a ring: [first, first + count) */
    size_t first, count, bytes;
    qw_source_progress_t progress;
    bool ended, stopping, left;
    int ready; /* eventfd: above 0 while there is something to take */
    int stop;  /* eventfd: wakes the thread out of waiting for new files */
};

static void signal_fd (int fd)
{
    uint64_t one = 1;
    ssize_t ignored = write (fd, &one, sizeof one);
    (void) ignored;
}

static void note_progress (qw_feed_t *self)
{
    if (self->source)
        qw_source_progress (self->source, &self->progress);
    else if (self->replay)
        qw_replay_progress (self->replay, &self->progress);
    else
        qw_retry_progress (self->retry, &self->progress);
}

static qw_status_t next (qw_feed_t *self, qw_record_t *record)
{
    return self->source   ? qw_source_next (self->source, record)
           : self->replay ? qw_replay_next (self->replay, record)
                          : qw_retry_next (self->retry, record);
}

typedef struct {
    qw_article_t *articles[BATCH_ARTICLES];
    size_t count, bytes;
} batch_t;

/* Puts the batch into the queue, waiting for room; false: stop. */
static bool hand_over (qw_feed_t *self, batch_t *batch)
{
    pthread_mutex_lock (&self->lock);
    for (size_t i = 0; i < batch->count; i++) {
        size_t bytes = qw_article_bytes (batch->articles[i]);
        while (!self->stopping && self->count > 0 && (self->count == MAX_ARTICLES || self->bytes + bytes > MAX_BYTES))
            pthread_cond_wait (&self->room, &self->lock);
        if (self->stopping) {
            qw_article_free (batch->articles[i]);
            continue;
        }
        if (self->count == 0)
            signal_fd (self->ready);
        self->queue[(self->first + self->count++) % MAX_ARTICLES] = batch->articles[i];
        self->bytes += bytes;
    }
    note_progress (self);
    bool stopping = self->stopping;
    pthread_mutex_unlock (&self->lock);
    batch->count = batch->bytes = 0;
    return !stopping;
}

static void *run (void *argument)
{
    qw_feed_t *self = argument;
    qw_record_t record;
    batch_t batch = {.count = 0};
    bool going = true;
    while (going) {
        qw_status_t status = next (self, &record);
        if (status == QW_OK) {
            qw_article_t *article = qw_article_make (self->maker, &record);
            batch.articles[batch.count++] = article;
            batch.bytes += qw_article_bytes (article);
        }
        if (batch.count == BATCH_ARTICLES || batch.bytes >= BATCH_BYTES || (status != QW_OK && batch.count > 0))
            going = hand_over (self, &batch);
        if (status == QW_AGAIN && going) {
            struct pollfd wait[2] = {{qw_source_wait_fd (self->source), POLLIN, 0}, {self->stop, POLLIN, 0}};
            poll (wait, 2, -1);
            going = !wait[1].revents;
        }
        going = going && (status == QW_OK || status == QW_AGAIN);
    }
    pthread_mutex_lock (&self->lock);
    note_progress (self);
    self->ended = self->left = true;
    signal_fd (self->ready);
    pthread_mutex_unlock (&self->lock);
    return NULL;
}

qw_feed_t *qw_feed_new (qw_source_t *source, qw_retry_t *retry, qw_replay_t *replay, size_t chunk_bytes)
{
    qw_feed_t *self = calloc (1, sizeof *self);
    if (!self)
        abort ();
    self->source = source;
    self->retry = retry;
    self->replay = replay;
    self->maker = qw_article_maker_new (chunk_bytes);
    self->ready = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
    self->stop = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
    pthread_mutex_init (&self->lock, NULL);
    pthread_cond_init (&self->room, NULL);
    if (self->ready < 0 || self->stop < 0 || pthread_create (&self->thread, NULL, run, self) != 0)
        abort ();
    return self;
}

int qw_feed_fd (const qw_feed_t *self) { return self->ready; }

qw_status_t qw_feed_take (qw_feed_t *self, qw_article_t **article)
{
    pthread_mutex_lock (&self->lock);
    qw_status_t status = self->count > 0 ? QW_OK : self->ended ? QW_END : QW_AGAIN;
    if (status == QW_OK) {
        *article = self->queue[self->first];
        self->first = (self->first + 1) % MAX_ARTICLES;
        self->count--;
        self->bytes -= qw_article_bytes (*article);
        pthread_cond_signal (&self->room);
    }
    if (self->count == 0 && !self->ended) {
        uint64_t count;
        ssize_t ignored = read (self->ready, &count, sizeof count);
        (void) ignored;
    }
    pthread_mutex_unlock (&self->lock);
    return status;
}

void qw_feed_progress (qw_feed_t *self, qw_source_progress_t *progress)
{
    pthread_mutex_lock (&self->lock);
    *progress = self->progress;
    pthread_mutex_unlock (&self->lock);
}

void qw_feed_destroy (qw_feed_t **self_p)
{
    qw_feed_t *self = *self_p;
    if (!self)
        return;
    pthread_mutex_lock (&self->lock);
    self->stopping = true;
    pthread_cond_signal (&self->room);
    signal_fd (self->stop);
    pthread_mutex_unlock (&self->lock);
    bool left = false;
    for (int i = 0; i < 100 && !left; i++) {
        pthread_mutex_lock (&self->lock);
        left = self->left;
        pthread_mutex_unlock (&self->lock);
        if (!left)
            usleep (2000);
    }
    *self_p = NULL;
    if (!left) /* blocked in a read: its memory ends with the process */
        return;
    pthread_join (self->thread, NULL);
    while (self->count > 0) {
        qw_article_free (self->queue[self->first]);
        self->first = (self->first + 1) % MAX_ARTICLES;
        self->count--;
    }
    qw_article_maker_destroy (&self->maker);
    qw_source_destroy (&self->source);
    qw_retry_destroy (&self->retry);
    qw_replay_destroy (&self->replay);
    pthread_cond_destroy (&self->room);
    pthread_mutex_destroy (&self->lock);
    close (self->ready);
    close (self->stop);
    free (self);
}
