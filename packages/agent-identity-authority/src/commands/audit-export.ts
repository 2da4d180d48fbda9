import { parseUnverifiedCheckpoint, verifyLog } from 'agent-identity-authority-core/log';
import { Command } from 'commander';
import { exportLog, folderLogReader } from '../audit-log/folder-log.js';
import { programError } from '../errors.js';
import type { CommandIo } from './command-io.js';
import { addSettings } from './setting-options.js';
import { withAdminClient } from './with-admin-client.js';

export function createAuditExportCommand(io: CommandIo): Command {
  return addSettings(new Command('export'), 'target')
    .summary('write the audit log as static files')
    .description(
      'Writes entries, tiles and the checkpoint into a folder, in the format of C2SP tlog-tiles. The folder can be verified without ' +
        'the authority. Repeat it to add what is new.',
    )
    .argument('<folder>', 'where to write')
    .action(async (folder: string, _options: object, command: Command) => {
      const written = await withAdminClient(command, io, ({ log }) => exportLog(log, folder));
      await io.write(`${JSON.stringify(written)}\n`);
    });
}

export function createAuditPruneCommand(io: CommandIo): Command {
  return addSettings(new Command('prune'), 'target')
    .summary('remove exported entries from the database')
    .description(
      'Verifies an exported folder, and then removes its entries from the database, which keeps their hashes. The log still ' +
        'verifies, and an entry of the log says what was removed.',
    )
    .argument('<folder>', 'a folder that audit export wrote; keep it')
    .action(async (folder: string, _options: object, command: Command) => {
      const removed = await withAdminClient(command, io, async (client) => {
        const report = await client.verifyAuditLog({});
        const reader = folderLogReader(folder);
        const exported = await verifyLog(reader, { verifierKey: report.verifier_key ?? '' });
        const { size } = parseUnverifiedCheckpoint(report.checkpoint ?? '');
        if (!report.intact || exported.size > size) {
          throw programError('audit_log_broken', 'the audit log was changed; nothing was removed');
        }
        return client.pruneAuditLog({ below: exported.size });
      });
      await io.write(`${JSON.stringify(removed)}\n`);
    });
}
