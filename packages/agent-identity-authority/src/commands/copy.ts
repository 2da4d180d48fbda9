import { copyStore } from 'agent-identity-authority-sql';
import { Command } from 'commander';
import { readStoreOptions } from '../configuration/open-configured-store.js';
import type { CommandIo } from './command-io.js';
import { addSettings, readCommandConfiguration } from './setting-options.js';

/** Creates the command `copy`, which copies a store into another one. */
export function createCopyCommand(io: CommandIo): Command {
  return addSettings(new Command('copy'), 'target')
    .summary('copy the store into another one')
    .description(
      'Copies all data into a store that has never been used, and verifies the copy. Stop the authority first. Both ' +
        'stores have the same master key. After an interruption, repeat the command.',
    )
    .requiredOption('--to <store>', 'pglite:FOLDER or postgres://…')
    .addHelpText('after', copyHelp)
    .action(async ({ to }: { readonly to: string }, command: Command) => {
      const { configuration } = await readCommandConfiguration(command, io);
      const options = await readStoreOptions(configuration);
      const checkpoint = await copyStore({ ...options, from: configuration.store, to });
      await io.write(
        `${JSON.stringify({ entries: checkpoint?.size ?? 0, checkpoint: checkpoint?.note ?? null })}\n`,
      );
    });
}

const copyHelp = `
Flags show in process lists: leave the password out of the URL, and set PGPASSWORD or use ~/.pgpass.

Example:
  $ PGPASSWORD=… agent-identity-authority copy --store pglite:/var/lib/authority --master-key-file master.key \\
      --to 'postgres://authority@db.example/agents?sslmode=verify-full'`;
