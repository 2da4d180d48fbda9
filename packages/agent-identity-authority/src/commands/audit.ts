import { Command } from 'commander';
import { createAuditExportCommand, createAuditPruneCommand } from './audit-export.js';
import { createAuditListCommand } from './audit-list.js';
import { createAuditLostCommand } from './audit-lost.js';
import { createAuditConsistencyCommand, createAuditProveCommand } from './audit-prove.js';
import { createAuditVerifyCommand } from './audit-verify.js';
import type { CommandIo } from './command-io.js';

/** Creates the command `audit`, which lists, checks, proves, exports and prunes the audit log. */
export function createAuditCommand(io: CommandIo): Command {
  return new Command('audit')
    .summary('list, check, prove and export the audit log')
    .addCommand(createAuditListCommand(io))
    .addCommand(createAuditVerifyCommand(io))
    .addCommand(createAuditProveCommand(io))
    .addCommand(createAuditConsistencyCommand(io))
    .addCommand(createAuditExportCommand(io))
    .addCommand(createAuditPruneCommand(io))
    .addCommand(createAuditLostCommand(io));
}
