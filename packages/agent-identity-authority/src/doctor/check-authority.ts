import { parseUnverifiedCheckpoint } from 'agent-identity-authority-core/log';
import type { Command } from 'commander';
import type { AdminClient } from '../admin-client/admin-client.js';
import type { CommandIo } from '../commands/command-io.js';
import { withAdminClient } from '../commands/with-admin-client.js';
import { checkClock } from './check-clock.js';
import { checkKeys } from './check-keys.js';
import { judgeCheckpoint } from './check-store.js';
import { describeAdministrator } from './describe-administrator.js';
import { type Finding, failed, passed } from './finding.js';

/** Asks a running authority, with the token of an administrator. */
export async function checkAuthority(command: Command, io: CommandIo): Promise<Finding[]> {
  const { clock } = io;
  let aheadMs: number | undefined;
  const fetch: typeof globalThis.fetch = async (input, init) => {
    const before = clock();
    const response = await io.fetch(input, init);
    const date = Date.parse(response.headers.get('date') ?? '');
    // The header has whole seconds: the middle of that second is the best guess.
    if (Number.isFinite(date)) aheadMs ??= date + 500 - (before + clock()) / 2;
    return response;
  };
  const findings: Finding[] = [];
  try {
    await withAdminClient(command, { ...io, fetch }, async (client) => {
      const administrator = await client.whoAmI();
      const { name, role, account_ids: accountIds } = administrator;
      const who = describeAdministrator({ who: name, role, accountIds: accountIds ?? undefined });
      findings.push(passed('authority', `it answers, and accepts the token: ${who}`));
      const keys = await client.listSigningKeys();
      // The authority's own schedule is not known here.
      findings.push(checkKeys(keys, clock(), 0));
      // Its entries name all accounts.
      if (accountIds === null) findings.push(await checkAuditLog(client));
    });
  } catch (error) {
    findings.push(failed('authority', error));
  }
  if (aheadMs !== undefined) findings.push(checkClock('the authority', aheadMs));
  return findings;
}

/** The checkpoint first: a log that goes on meanwhile is longer than it, and never shorter. */
async function checkAuditLog({ listAuditEntries, log }: AdminClient): Promise<Finding> {
  const checkpoint = await log.readCheckpoint();
  const { entries } = await listAuditEntries({ order: 'newest_first', limit: 1 });
  const signed = checkpoint === undefined ? 0 : parseUnverifiedCheckpoint(checkpoint).size;
  return judgeCheckpoint((entries[0]?.index ?? -1) + 1, signed);
}
