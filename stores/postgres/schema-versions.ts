// Lean on purpose: what repeats with every token of a client stands once, in `holder`. All text is compared by its bytes, so that an index does not
// depend on the locale of the host. Counts are kept in the transaction that changes them, in a few shards, so that writers do not wait for each
// other; `n` of one shard may be negative, their sum is right. A grant ends with the last thing that was issued from it (`ends_at`). `version` of a
// transient comes from a sequence: it is never given twice. `feed_head` gives the numbers of the feed: its row is locked from there to the commit.
const VERSION_1 = `
  create table holder (
    id integer generated always as identity primary key,
    client_id text collate "C" not null, subscription_id text collate "C" not null, product_id text collate "C" not null,
    secret_id text collate "C" not null, server_group_id text collate "C" not null, project_id text collate "C" not null,
    unique (secret_id, subscription_id, client_id, product_id, server_group_id, project_id)
  );
  create table token (
    issued_at bigint not null,
    expires_at bigint not null,
    revoked_at bigint,
    holder integer not null,
    client_generation integer not null,
    subscription_generation integer not null,
    secret_generation integer not null,
    subject_generation integer,
    hash bytea primary key,
    scopes text not null,
    subject text collate "C", parameters text, grant_id text collate "C", details text,
    revoked_by text, revoked_reason text
  );
  create index token_expiry on token (expires_at);
  create table live_count (
    client_id text collate "C", minute integer, shard smallint, n integer not null, primary key (client_id, minute, shard)
  ) with (fillfactor = 50);
  create index live_count_minute on live_count (minute);
  create table record_count (name text collate "C", shard smallint, n bigint not null, primary key (name, shard))
    with (fillfactor = 20);
  create table standing (
    kind text collate "C", id text collate "C", generation integer not null, active boolean not null,
    "by" text not null, at bigint not null, reason text, primary key (kind, id)
  );
  create table access_grant (
    created_at bigint not null,
    ends_at bigint not null,
    revoked_at bigint,
    client_generation integer not null,
    subscription_generation integer not null,
    secret_generation integer,
    subject_generation integer,
    id text collate "C" primary key,
    client_id text collate "C" not null, subscription_id text collate "C" not null, product_id text collate "C" not null,
    server_group_id text collate "C" not null, project_id text collate "C" not null,
    scopes text not null,
    subject text collate "C", parameters text, details text,
    revoked_by text, revoked_reason text
  ) with (fillfactor = 80);
  create index access_grant_end on access_grant (ends_at);
  create index access_grant_subject on access_grant (subject, client_id) where subject is not null;
  create table code (
    issued_at bigint not null,
    expires_at bigint not null,
    hash bytea primary key,
    grant_id text collate "C" not null,
    redirect_uri text, code_challenge text, consumed_by text
  );
  create index code_expiry on code (expires_at);
  create table refresh (
    issued_at bigint not null,
    expires_at bigint not null,
    used_at bigint,
    hash bytea primary key,
    grant_id text collate "C" not null,
    used_by text
  );
  create index refresh_expiry on refresh (expires_at);
  create table once (expires_at bigint not null, key bytea primary key);
  create index once_expiry on once (expires_at);
  create sequence transient_version;
  create table transient (
    version bigint not null, expires_at bigint not null, key bytea primary key, value text not null
  );
  create index transient_expiry on transient (expires_at);
  create table consent (
    granted_at bigint not null, updated_at bigint not null,
    subject text collate "C", client_id text collate "C", project_id text collate "C", scopes text not null,
    primary key (subject, client_id, project_id)
  );
  create table feed (seq bigint primary key, kind text not null, hash bytea, id text collate "C");
  create table feed_head (
    only_row boolean primary key default true check (only_row),
    epoch text not null, seq bigint not null, first bigint not null, mark text
  ) with (fillfactor = 20);
`;

/** What brings a schema from each version to the next: the first from nothing to version 1. A version that was released is never changed. */
export const SCHEMA_VERSIONS: readonly string[] = [VERSION_1];
