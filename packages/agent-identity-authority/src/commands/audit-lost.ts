import { type LoggedAuditEntry, verifyLog } from 'agent-identity-authority-core/log';
import { isAgentIdentityError } from 'agent-identity-core';
import { Command } from 'commander';
import type { AdminClient } from '../admin-client/admin-client.js';
import { findLostEntries } from '../audit-log/find-lost-entries.js';
import { folderLogReader } from '../audit-log/folder-log.js';
import { programError } from '../errors.js';
import type { CommandIo } from './command-io.js';
import { addSettings } from './setting-options.js';
import { withAdminClient } from './with-admin-client.js';

type LostEntry = LoggedAuditEntry & { readonly index: number };

/** What a lost entry means, if it took something away from somebody. */
const revocations = new Set([
  'agent_runtime_revoked',
  'agent_task_revoked',
  'enrollment_token_revoked',
  'runtime_agent_instances_suspended',
  'runtime_agent_instances_revoked',
  'signing_key_retired',
]);

/** A running authority refuses what it does not find. */
const notFound = [
  'authority_refused',
  'agent_runtime_not_found',
  'task_not_found',
  'enrollment_token_not_found',
] as const;

export function createAuditLostCommand(io: CommandIo): Command {
  return addSettings(new Command('lost'), 'target')
    .summary('list what the restore of a backup undid')
    .description(
      'Compares the audit log with an exported one from before the restore. Prints how many entries of each kind are lost, and all ' +
        'lost revocations. Fails if there are any that are not revoked again.',
    )
    .argument('<folder>', 'a log that audit export wrote')
    .option('--revoke-again', 'revoke runtimes, tasks and enrollment tokens again')
    .addHelpText('after', help)
    .action(async (folder: string, { revokeAgain = false }: { revokeAgain?: boolean }, command: Command) => {
      const report = await withAdminClient(command, io, async (client) => {
        const { kept, lost } = await compare(client, folder);
        const undone = lost.filter(({ action }) => revocations.has(action));
        const left = revokeAgain ? await revokeAll(client, undone) : undone;
        const revokedAgain = undone.length - left.length;
        return {
          kept,
          lost: countByAction(lost),
          revoked_again: revokedAgain,
          revocations: left.map(toWire),
        };
      });
      await io.write(`${JSON.stringify(report, null, 2)}\n`);
      const count = report.revocations.length;
      if (count > 0) throw programError('audit_log_broken', `${count} revocations are lost; see the list`);
    });
}

/** @throws AgentIdentityError `audit_log_broken`, `invalid_log_proof` */
async function compare(client: AdminClient, folder: string) {
  const { verifier_key: verifierKey } = await client.verifyAuditLog({});
  const exported = folderLogReader(folder);
  await verifyLog(exported, { verifierKey: verifierKey ?? '' });
  return findLostEntries(exported, client.log);
}

/** @returns those that could not be done: instances and keys, and what the restored authority does not know */
async function revokeAll(client: AdminClient, undone: readonly LostEntry[]): Promise<LostEntry[]> {
  const left: LostEntry[] = [];
  for (const entry of undone) {
    const revoke = revocationOf(client, entry);
    try {
      if (revoke === undefined) left.push(entry);
      else await revoke();
    } catch (error) {
      if (!isAgentIdentityError(error, ...notFound)) throw error;
      left.push(entry);
    }
  }
  return left;
}

function revocationOf(
  client: AdminClient,
  { action, agentRuntimeId, taskId, details }: LostEntry,
): (() => Promise<unknown>) | undefined {
  const { enrollment_token_id: tokenId } = details;
  if (action === 'agent_runtime_revoked' && agentRuntimeId !== null) {
    return () => client.changeAgentRuntime(agentRuntimeId, 'revoke');
  }
  if (action === 'agent_task_revoked' && agentRuntimeId !== null && taskId !== null) {
    return () => client.revokeAgentTask(agentRuntimeId, taskId);
  }
  if (action === 'enrollment_token_revoked' && typeof tokenId === 'string') {
    return () => client.revokeEnrollmentToken(tokenId);
  }
  return undefined;
}

function countByAction(entries: readonly LostEntry[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { action } of entries) counts[action] = (counts[action] ?? 0) + 1;
  return counts;
}

function toWire({ index, at, actor, action, agentRuntimeId, taskId, details }: LostEntry) {
  return {
    index,
    at: new Date(at).toISOString(),
    actor,
    action,
    agent_runtime_id: agentRuntimeId,
    task_id: taskId,
    details,
  };
}

const help = `
Run it before the restored authority can be reached. What was registered after the backup is lost: its agents register again. A
lost revocation of such an agent stays in the list, because the authority does not know the agent any more: its key could register
again. Retired signing keys and changed instances stay in the list too: run keys rotate, and instances.

Examples:
  $ agent-identity-authority audit lost exported-log
  $ agent-identity-authority audit lost exported-log --revoke-again`;
