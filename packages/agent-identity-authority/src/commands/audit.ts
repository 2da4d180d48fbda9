import type { WireAuditCheckpoint } from 'agent-identity-authority-core/admin-wire';
import { Command, InvalidArgumentError } from 'commander';
import { programError } from '../errors.js';
import type { CommandIo } from './command-io.js';
import { addSettings } from './setting-options.js';
import { withAdminClient } from './with-admin-client.js';

/** Creates the command `audit`, which checks the audit log. */
export function createAuditCommand(io: CommandIo): Command {
  return new Command('audit').summary('check the audit log').addCommand(createAuditVerifyCommand(io));
}

function createAuditVerifyCommand(io: CommandIo): Command {
  return addSettings(new Command('verify'), 'target')
    .summary('find changed, missing or reordered rows')
    .description(
      'Reads the whole audit log and recomputes its hash chain. Prints a report, and fails if a row was changed, removed ' +
        'or moved.',
    )
    .option(
      '--checkpoint <sequence:hash>',
      'the head of an earlier verification, kept elsewhere',
      parseCheckpoint,
    )
    .addHelpText('after', auditVerifyHelp)
    .action(async ({ checkpoint }: { readonly checkpoint?: WireAuditCheckpoint }, command: Command) => {
      const report = await withAdminClient(command, io, (client) => client.verifyAuditLog({ checkpoint }));
      await io.write(`${JSON.stringify(report, null, 2)}\n`);
      if (report.intact) return;
      throw programError('audit_log_broken', 'the audit log was changed');
    });
}

function parseCheckpoint(text: string): WireAuditCheckpoint {
  const [, sequence, hash] = /^(\d{1,15}):([0-9a-f]{64})$/.exec(text) ?? [];
  if (sequence === undefined || hash === undefined) {
    throw new InvalidArgumentError('expected a number, a colon, and 64 hexadecimal digits');
  }
  return { sequence: Number(sequence), hash };
}

const auditVerifyHelp = `
Someone who can write the whole database can also write a consistent log. Keep the head of each verification
elsewhere, and pass it to the next one.

Example:
  $ agent-identity-authority audit verify --checkpoint 1042:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08`;
