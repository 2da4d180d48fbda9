/** One step of the schema. A released step is never edited, only followed by another. */
export interface Migration {
  /** 1, 2, 3 and so on. */
  readonly version: number;
  readonly statements: readonly string[];
}

/**
 * The schema that `schema.ts` describes to drizzle. It has plain tables and indexes, and no triggers, types or extensions,
 * so any database that speaks Postgres' SQL can have it. Text compares by its bytes in any locale, so a locale update
 * cannot corrupt an index. Every statement can be repeated: some databases commit schema changes one by one, and a crash
 * can leave a part.
 */
export const migrations: readonly Migration[] = [
  {
    version: 1,
    statements: [
      `create table if not exists agent_identity.agent_runtimes (
        agent_runtime_id text collate "C" primary key,
        public_key_ssh text collate "C" not null unique,
        account_id text collate "C" not null,
        chatgpt_user_id text collate "C" not null,
        plan_type text collate "C" not null,
        name text collate "C",
        owner text collate "C",
        labels text not null,
        abom text,
        capabilities text not null,
        lineage text not null,
        parent_agent_runtime_id text collate "C",
        created_at bigint not null,
        expires_at bigint,
        own_suspended_at bigint,
        suspended_at bigint,
        revoked_at bigint
      )`,
      `create index if not exists agent_runtimes_by_parent
        on agent_identity.agent_runtimes (parent_agent_runtime_id) where parent_agent_runtime_id is not null`,
      `create index if not exists agent_runtimes_by_time
        on agent_identity.agent_runtimes (created_at, agent_runtime_id)`,
      `create index if not exists agent_runtimes_by_account
        on agent_identity.agent_runtimes (account_id, created_at, agent_runtime_id)`,
      `create table if not exists agent_identity.replaced_agent_keys (
        public_key_ssh text collate "C" primary key,
        agent_runtime_id text collate "C" not null
      )`,
      `create table if not exists agent_identity.agent_tasks (
        agent_runtime_id text collate "C" not null
          references agent_identity.agent_runtimes (agent_runtime_id),
        task_id text collate "C" not null,
        registration_timestamp text collate "C" not null,
        registration_signature text collate "C" not null,
        created_at bigint not null,
        last_seen_at bigint not null,
        revoked_at bigint,
        primary key (agent_runtime_id, task_id)
      )`,
      `create unique index if not exists agent_tasks_one_active_per_registration
        on agent_identity.agent_tasks (agent_runtime_id, registration_timestamp, registration_signature)
        where revoked_at is null`,
      `create index if not exists agent_tasks_by_time
        on agent_identity.agent_tasks (agent_runtime_id, created_at, task_id)`,
      `create table if not exists agent_identity.signing_keys (
        kid text collate "C" primary key,
        position bigint not null unique,
        public_jwk text not null,
        master_key_id text not null,
        encrypted_private_key text not null,
        created_at bigint not null,
        active_from bigint not null,
        published_until bigint
      )`,
      // One row, which changes of signing keys lock, so that there is one at a time on all nodes.
      `create table if not exists agent_identity.signing_key_lock (id bigint primary key check (id = 1))`,
      `insert into agent_identity.signing_key_lock (id) values (1) on conflict (id) do nothing`,
      `create table if not exists agent_identity.audit_pending (
        id text collate "C" primary key,
        at bigint not null,
        actor text collate "C" not null,
        action text collate "C" not null,
        agent_runtime_id text collate "C",
        task_id text collate "C",
        details text not null,
        mac text not null
      )`,
      `create table if not exists agent_identity.audit_log (
        log_index bigint primary key,
        id text collate "C" not null,
        at bigint not null,
        actor text collate "C" not null,
        action text collate "C" not null,
        agent_runtime_id text collate "C",
        task_id text collate "C",
        details text not null
      )`,
      `create index if not exists audit_log_by_runtime on agent_identity.audit_log (agent_runtime_id, log_index)`,
      `create index if not exists audit_log_by_action on agent_identity.audit_log (action, log_index)`,
      `create table if not exists agent_identity.audit_tiles (
        level bigint not null,
        tile_index bigint not null,
        hashes text not null,
        primary key (level, tile_index)
      )`,
      // One row, which the node that sequences entries locks.
      `create table if not exists agent_identity.audit_checkpoint (
        id bigint primary key check (id = 1),
        size bigint not null,
        root_hash text not null,
        note text not null
      )`,
      `insert into agent_identity.audit_checkpoint (id, size, root_hash, note) values (1, 0, '', '')
        on conflict (id) do nothing`,
      `create table if not exists agent_identity.audit_log_keys (
        origin text collate "C" primary key,
        position bigint not null unique,
        master_key_id text not null,
        encrypted_private_key text not null,
        created_at bigint not null
      )`,
      `create table if not exists agent_identity.runtime_agent_instances (
        runtime_agent_instance_id text collate "C" primary key,
        agent_host_id text collate "C" not null,
        installation_id text collate "C" not null,
        public_key_ssh text collate "C" not null unique,
        user_id text collate "C" not null,
        account_id text collate "C",
        organization_id text collate "C",
        project_id text collate "C",
        credential_type text collate "C" not null,
        harness text collate "C" not null,
        harness_version text collate "C" not null,
        role text collate "C" not null,
        idempotency_key_digest text collate "C" not null unique,
        request_digest text collate "C" not null,
        created_at bigint not null,
        last_seen_at bigint not null,
        suspended_at bigint,
        revoked_at bigint
      )`,
      `create table if not exists agent_identity.enrollment_tokens (
        enrollment_token_id text collate "C" primary key,
        token_digest text collate "C" not null unique,
        account text not null,
        created_at bigint not null,
        expires_at bigint not null,
        used_at bigint,
        agent_runtime_id text collate "C",
        revoked_at bigint
      )`,
      `create index if not exists enrollment_tokens_by_time
        on agent_identity.enrollment_tokens (created_at, enrollment_token_id)`,
      ...['', 'agent_host_id', 'installation_id', 'user_id', 'account_id', 'organization_id'].map(
        (column) => `create index if not exists runtime_agent_instances_by_${column || 'time'}
          on agent_identity.runtime_agent_instances (${column && `${column}, `}created_at, runtime_agent_instance_id)`,
      ),
    ],
  },
];

/** The schema version of this release. */
export const latestSchemaVersion: number = migrations.at(-1)?.version ?? 0;
