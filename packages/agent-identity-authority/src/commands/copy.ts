import { copyStore } from 'agent-identity-authority-sql';
import { Command } from 'commander';
import { storeOptionsOf } from '../configuration/open-configured-store.js';
import type { CommandIo } from './command-io.js';
import { addSettings, configurationOf } from './setting-options.js';

/** `copy`: from one store into another, such as from PGlite to a Postgres server. */
export function copyCommand(io: CommandIo): Command {
  return addSettings(new Command('copy'), 'where')
    .summary('copy the store into another one')
    .description(
      'Copies everything into a store that nobody has used yet, and verifies the copy. Stop the authority first. The same ' +
        'master key opens both. After an interruption, do it again.',
    )
    .requiredOption('--to <store>', 'pglite:FOLDER or postgres://…')
    .addHelpText('after', copyHelp)
    .action(async ({ to }: { readonly to: string }, command: Command) => {
      const { configuration } = await configurationOf(command, io);
      const head = await copyStore({ from: configuration.store, to }, await storeOptionsOf(configuration));
      io.write(`${JSON.stringify({ sequence: head.sequence, hash: head.hash })}\n`);
    });
}

const copyHelp = `
Flags show in process lists: leave the password out of the URL, and give it as PGPASSWORD or in ~/.pgpass.

Example:
  $ PGPASSWORD=… agent-identity-authority copy --store pglite:/var/lib/authority --master-key-file master.key \\
      --to 'postgres://authority@db.example/agents?sslmode=verify-full'`;
