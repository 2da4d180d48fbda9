import type {
  StoredAgentRuntime,
  StoredAgentTask,
  StoredCheckpoint,
  StoredEnrollmentToken,
  StoredRuntimeAgentInstance,
} from 'agent-identity-authority-core';
import type { AuditRow, EncodableAuditEntry } from 'agent-identity-authority-core/store';
import type { ColumnDataType } from 'drizzle-orm';
import {
  bigint,
  customType,
  type PgColumn,
  type PgSchema,
  type PgTableWithColumns,
  pgSchema,
  text,
} from 'drizzle-orm/pg-core';
import type { AuditLogKeyColumns, EncryptedPrivateKey, SigningKeyColumns } from '../encryption/key-cipher.js';

/** A drizzle table with rows of this type. A nullable member is a nullable column. */
export type TableOf<Row> = PgTableWithColumns<{
  name: string;
  schema: string;
  dialect: 'pg';
  columns: { [Name in keyof Row]-?: ColumnOf<NonNullable<Row[Name]>, null extends Row[Name] ? false : true> };
}>;

type ColumnOf<Data, NotNull extends boolean> = PgColumn<{
  name: string;
  tableName: string;
  dataType: ColumnDataType;
  columnType: string;
  data: Data;
  driverParam: unknown;
  notNull: NotNull;
  hasDefault: false;
  isPrimaryKey: boolean;
  isAutoincrement: false;
  hasRuntimeDefault: false;
  enumValues: string[] | undefined;
  generated: undefined;
}>;

/** An encrypted signing key. */
export type SigningKeyRow = SigningKeyColumns & EncryptedPrivateKey;

/** A runtime agent instance with a flat actor: a `chatgpt` actor has an account, a `platform` actor an organization. */
export type InstanceRow = Omit<StoredRuntimeAgentInstance, 'actor'> & {
  readonly userId: string;
  readonly accountId: string | null;
  readonly organizationId: string | null;
  readonly projectId: string | null;
};

/** JSON as text. Unlike `jsonb`, it keeps exactly what clients sent, including NUL and lone surrogates. */
function jsonText<Value>(name: string) {
  return customType<{ data: Value; driverData: string }>({
    dataType: () => 'text',
    toDriver: (value) => JSON.stringify(value),
    fromDriver: (value) => JSON.parse(value),
  })(name);
}

/** Epoch milliseconds and other integers within the range of a JavaScript number. */
const integer = (name: string) => bigint(name, { mode: 'number' });

/** A schema of our own, so the tables can share a database with others. */
const agentIdentity: PgSchema = pgSchema('agent_identity');

/** A runtime, with what decides the status of its descendants. */
export type RuntimeRow = StoredAgentRuntime & {
  /** The last of its lineage. */
  readonly parentAgentRuntimeId: string | null;
  /** When it was suspended by itself. `suspendedAt` also counts its lineage. */
  readonly ownSuspendedAt: number | null;
};

export const agentRuntimes: TableOf<RuntimeRow> = agentIdentity.table('agent_runtimes', {
  agentRuntimeId: text('agent_runtime_id').notNull(),
  publicKeySsh: text('public_key_ssh').notNull(),
  accountId: text('account_id').notNull(),
  chatgptUserId: text('chatgpt_user_id').notNull(),
  planType: text('plan_type').notNull(),
  name: text('name'),
  owner: text('owner'),
  labels: jsonText<StoredAgentRuntime['labels']>('labels').notNull(),
  abom: jsonText<NonNullable<StoredAgentRuntime['abom']>>('abom'),
  capabilities: jsonText<readonly string[]>('capabilities').notNull(),
  lineage: jsonText<readonly string[]>('lineage').notNull(),
  parentAgentRuntimeId: text('parent_agent_runtime_id'),
  createdAt: integer('created_at').notNull(),
  expiresAt: integer('expires_at'),
  ownSuspendedAt: integer('own_suspended_at'),
  suspendedAt: integer('suspended_at'),
  revokedAt: integer('revoked_at'),
});

/** The keys that runtimes had before they changed them. */
export const replacedAgentKeys: TableOf<{
  readonly publicKeySsh: string;
  readonly agentRuntimeId: string;
}> = agentIdentity.table('replaced_agent_keys', {
  publicKeySsh: text('public_key_ssh').notNull(),
  agentRuntimeId: text('agent_runtime_id').notNull(),
});

export const agentTasks: TableOf<StoredAgentTask> = agentIdentity.table('agent_tasks', {
  agentRuntimeId: text('agent_runtime_id').notNull(),
  taskId: text('task_id').notNull(),
  registrationTimestamp: text('registration_timestamp').notNull(),
  registrationSignature: text('registration_signature').notNull(),
  createdAt: integer('created_at').notNull(),
  lastSeenAt: integer('last_seen_at').notNull(),
  revokedAt: integer('revoked_at'),
});

export const runtimeAgentInstances: TableOf<InstanceRow> = agentIdentity.table('runtime_agent_instances', {
  runtimeAgentInstanceId: text('runtime_agent_instance_id').notNull(),
  agentHostId: text('agent_host_id').notNull(),
  installationId: text('installation_id').notNull(),
  publicKeySsh: text('public_key_ssh').notNull(),
  userId: text('user_id').notNull(),
  accountId: text('account_id'),
  organizationId: text('organization_id'),
  projectId: text('project_id'),
  credentialType: text('credential_type').$type<InstanceRow['credentialType']>().notNull(),
  harness: text('harness').notNull(),
  harnessVersion: text('harness_version').notNull(),
  role: text('role').notNull(),
  idempotencyKeyDigest: text('idempotency_key_digest').notNull(),
  requestDigest: text('request_digest').notNull(),
  createdAt: integer('created_at').notNull(),
  lastSeenAt: integer('last_seen_at').notNull(),
  suspendedAt: integer('suspended_at'),
  revokedAt: integer('revoked_at'),
});

export const enrollmentTokens: TableOf<StoredEnrollmentToken> = agentIdentity.table('enrollment_tokens', {
  enrollmentTokenId: text('enrollment_token_id').notNull(),
  tokenDigest: text('token_digest').notNull(),
  account: jsonText<StoredEnrollmentToken['account']>('account').notNull(),
  createdAt: integer('created_at').notNull(),
  expiresAt: integer('expires_at').notNull(),
  usedAt: integer('used_at'),
  agentRuntimeId: text('agent_runtime_id'),
  revokedAt: integer('revoked_at'),
});

export const signingKeys: TableOf<SigningKeyRow> = agentIdentity.table('signing_keys', {
  kid: text('kid').notNull(),
  position: integer('position').notNull(),
  publicJwk: jsonText<SigningKeyRow['publicJwk']>('public_jwk').notNull(),
  masterKeyId: text('master_key_id').notNull(),
  encryptedPrivateKey: text('encrypted_private_key').notNull(),
  createdAt: integer('created_at').notNull(),
  activeFrom: integer('active_from').notNull(),
  publishedUntil: integer('published_until'),
});

export const signingKeyLock: TableOf<{ readonly id: number }> = agentIdentity.table('signing_key_lock', {
  id: integer('id').notNull(),
});

/** The columns of an entry of the audit log. */
const entryColumns = () => ({
  id: text('id').notNull(),
  at: integer('at').notNull(),
  actor: text('actor').notNull(),
  action: text('action').notNull(),
  agentRuntimeId: text('agent_runtime_id'),
  taskId: text('task_id'),
  detailsJson: text('details').notNull(),
});

/** An entry that waits for its place in the log. */
export type PendingAuditRow = EncodableAuditEntry & {
  /** Shows that a node has written the row; see `EntrySeal`. */
  readonly mac: string;
};

export const auditPending: TableOf<PendingAuditRow> = agentIdentity.table('audit_pending', {
  ...entryColumns(),
  mac: text('mac').notNull(),
});

export const auditLog: TableOf<AuditRow> = agentIdentity.table('audit_log', {
  index: integer('log_index').notNull(),
  ...entryColumns(),
});

/** Bytes as base64: every driver and every database handles text alike. */
const base64 = (name: string) =>
  customType<{ data: Uint8Array; driverData: string }>({
    dataType: () => 'text',
    toDriver: (value) => Buffer.from(value).toString('base64'),
    fromDriver: (value) => Uint8Array.from(Buffer.from(value, 'base64')),
  })(name);

/** The hash tiles of the log, the partial ones at its right edge included. */
export const auditTiles: TableOf<{
  readonly level: number;
  readonly tileIndex: number;
  readonly hashes: Uint8Array;
}> = agentIdentity.table('audit_tiles', {
  level: integer('level').notNull(),
  tileIndex: integer('tile_index').notNull(),
  hashes: base64('hashes').notNull(),
});

/** One row with the last signed state of the log; size 0 before the first. Only the node that sequences entries locks it. */
export const auditCheckpoint: TableOf<StoredCheckpoint & { readonly id: number }> = agentIdentity.table(
  'audit_checkpoint',
  {
    id: integer('id').notNull(),
    size: integer('size').notNull(),
    rootHash: base64('root_hash').notNull(),
    note: text('note').notNull(),
  },
);

/** An encrypted key of the audit log. */
export type AuditLogKeyRow = AuditLogKeyColumns & EncryptedPrivateKey;

export const auditLogKeys: TableOf<AuditLogKeyRow> = agentIdentity.table('audit_log_keys', {
  origin: text('origin').notNull(),
  position: integer('position').notNull(),
  masterKeyId: text('master_key_id').notNull(),
  encryptedPrivateKey: text('encrypted_private_key').notNull(),
  createdAt: integer('created_at').notNull(),
});
