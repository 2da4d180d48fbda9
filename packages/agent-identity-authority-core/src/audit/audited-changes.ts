import { requireKnownOptions } from 'agent-identity-core/http';
import type { StoredEnrollmentToken } from '../enrollment/enrollment-store.js';
import type {
  RuntimeAgentInstanceChange,
  RuntimeAgentInstanceSelector,
  StoredRuntimeAgentInstance,
} from '../instances/instance-store.js';
import type { EpochMilliseconds } from '../instant.js';
import type { AuditDetails } from '../log/audit-entry-encoding.js';
import type { AgentKeyChange, StoredAgentRuntime } from '../runtimes/runtime-store.js';
import type { StoredSigningKey } from '../signing-keys/signing-key-store.js';
import type { StoredAgentTask } from '../tasks/task-store.js';
import type { AuditAction, AuditEntryDraft, ChangeOrigin } from './audit-entry.js';

const authorityItself: ChangeOrigin = { actor: 'authority' };

/** The audit log entry of each kind of change. Holds no secrets, and enough to know later who could act for whom. */
export const auditedChange = {
  agentRuntimeAdded: (runtime: StoredAgentRuntime, origin?: ChangeOrigin): AuditEntryDraft =>
    draft('agent_runtime_added', runtime.createdAt, origin, {
      agentRuntimeId: runtime.agentRuntimeId,
      details: {
        public_key: runtime.publicKeySsh,
        account_id: runtime.accountId,
        chatgpt_user_id: runtime.chatgptUserId,
        expires_at: runtime.expiresAt,
        ...(runtime.name !== null && { name: runtime.name }),
        ...(runtime.owner !== null && { owner: runtime.owner }),
        ...(runtime.lineage.length > 0 && { lineage: runtime.lineage.join(' ') }),
      },
    }),
  agentRuntimeRevoked: (
    agentRuntimeId: string,
    at: EpochMilliseconds,
    origin?: ChangeOrigin,
  ): AuditEntryDraft => draft('agent_runtime_revoked', at, origin, { agentRuntimeId }),
  agentRuntimeSuspended: (
    agentRuntimeId: string,
    at: EpochMilliseconds,
    origin?: ChangeOrigin,
  ): AuditEntryDraft => draft('agent_runtime_suspended', at, origin, { agentRuntimeId }),
  agentRuntimeResumed: (
    agentRuntimeId: string,
    at: EpochMilliseconds,
    origin?: ChangeOrigin,
  ): AuditEntryDraft => draft('agent_runtime_resumed', at, origin, { agentRuntimeId }),
  /** The change of an ancestor also changed this runtime. */
  withAncestor: (entry: AuditEntryDraft, agentRuntimeId: string): AuditEntryDraft => ({
    ...entry,
    agentRuntimeId,
    details: { ...entry.details, through: entry.agentRuntimeId ?? null },
  }),
  agentRuntimeKeyChanged: (
    agentRuntimeId: string,
    { from, to, endTasks }: AgentKeyChange,
    at: EpochMilliseconds,
    origin?: ChangeOrigin,
  ): AuditEntryDraft =>
    draft('agent_runtime_key_changed', at, origin ?? { actor: `agent:${agentRuntimeId}` }, {
      agentRuntimeId,
      details: { previous_public_key: from, public_key: to, tasks_ended: String(endTasks) },
    }),
  agentTaskAdded: (task: StoredAgentTask, origin?: ChangeOrigin): AuditEntryDraft =>
    draft('agent_task_added', task.createdAt, origin ?? { actor: `agent:${task.agentRuntimeId}` }, {
      agentRuntimeId: task.agentRuntimeId,
      taskId: task.taskId,
      details: { registration_timestamp: task.registrationTimestamp },
    }),
  agentTaskRevoked: (
    task: Pick<StoredAgentTask, 'agentRuntimeId' | 'taskId'>,
    at: EpochMilliseconds,
    origin?: ChangeOrigin,
  ): AuditEntryDraft =>
    draft('agent_task_revoked', at, origin, { agentRuntimeId: task.agentRuntimeId, taskId: task.taskId }),
  runtimeAgentInstanceAdded: (instance: StoredRuntimeAgentInstance, origin?: ChangeOrigin): AuditEntryDraft =>
    draft('runtime_agent_instance_added', instance.createdAt, origin, {
      details: {
        runtime_agent_instance_id: instance.runtimeAgentInstanceId,
        agent_host_id: instance.agentHostId,
        installation_id: instance.installationId,
        public_key: instance.publicKeySsh,
        credential_type: instance.credentialType,
        ...toSnakeCase(instance.actor),
      },
    }),
  enrollmentTokenAdded: (token: StoredEnrollmentToken, origin?: ChangeOrigin): AuditEntryDraft =>
    draft('enrollment_token_added', token.createdAt, origin, {
      details: {
        enrollment_token_id: token.enrollmentTokenId,
        account_id: token.account.accountId,
        chatgpt_user_id: token.account.chatgptUserId,
        capabilities: token.account.capabilities?.join(' ') ?? '',
        expires_at: token.expiresAt,
      },
    }),
  enrollmentTokenRevoked: (
    enrollmentTokenId: string,
    at: EpochMilliseconds,
    origin?: ChangeOrigin,
  ): AuditEntryDraft =>
    draft('enrollment_token_revoked', at, origin, { details: { enrollment_token_id: enrollmentTokenId } }),
  /** One entry for all instances: those that match the selector have `at` as their time of the change. */
  runtimeAgentInstancesChanged: (
    selector: RuntimeAgentInstanceSelector,
    change: RuntimeAgentInstanceChange,
    count: number,
    at: EpochMilliseconds,
    origin?: ChangeOrigin,
  ): AuditEntryDraft =>
    draft(changeActions[change], at, origin, { details: { ...toSnakeCase(selector), count } }),
  signingKeyAdded: (
    key: StoredSigningKey,
    othersPublishedUntil: EpochMilliseconds | null,
    origin?: ChangeOrigin,
  ): AuditEntryDraft =>
    draft('signing_key_added', key.createdAt, origin, {
      details: { kid: key.kid, active_from: key.activeFrom, others_published_until: othersPublishedUntil },
    }),
  signingKeyRetired: (
    kid: string,
    publishedUntil: EpochMilliseconds,
    at: EpochMilliseconds,
    origin?: ChangeOrigin,
  ): AuditEntryDraft =>
    draft('signing_key_retired', at, origin, { details: { kid, published_until: publishedUntil } }),
  signingKeysReencrypted: (
    masterKeyId: string,
    count: number,
    at: EpochMilliseconds,
    origin?: ChangeOrigin,
  ): AuditEntryDraft =>
    draft('signing_keys_reencrypted', at, origin, { details: { master_key_id: masterKeyId, count } }),
  auditLogPruned: (below: number, at: EpochMilliseconds, origin?: ChangeOrigin): AuditEntryDraft =>
    draft('audit_log_pruned', at, origin, { details: { below } }),
};

const changeActions = {
  suspend: 'runtime_agent_instances_suspended',
  resume: 'runtime_agent_instances_resumed',
  revoke: 'runtime_agent_instances_revoked',
} as const;

function toSnakeCase(values: object): AuditDetails {
  return Object.fromEntries(
    Object.entries(values)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => [
        name === 'kind' ? 'actor_kind' : name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
        value,
      ]),
  );
}

function draft(
  action: AuditAction,
  at: EpochMilliseconds,
  origin: ChangeOrigin = authorityItself,
  subject: Partial<Pick<AuditEntryDraft, 'agentRuntimeId' | 'taskId'>> & { readonly details?: AuditDetails },
): AuditEntryDraft {
  requireKnownOptions(origin, ['actor', 'details'], 'origin');
  const { actor, details } = origin;
  return { action, at, actor, ...subject, details: { ...details, ...subject.details } };
}
