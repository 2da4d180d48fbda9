import { Command } from 'commander';
import { showConfiguration } from '../configuration/show-configuration.js';
import type { CommandIo } from './command-io.js';
import { addSettings, readCommandConfiguration } from './setting-options.js';

/** Creates the command `config`, which shows the settings. */
export function createConfigCommand(io: CommandIo): Command {
  return new Command('config').summary('show the settings').addCommand(createConfigShowCommand(io));
}

function createConfigShowCommand(io: CommandIo): Command {
  return addSettings(new Command('show'), 'all')
    .summary('print every setting and where it comes from')
    .description(
      'Prints the configuration as a TOML file, with where each setting comes from. For secrets, it only says whether ' +
        'they are set.',
    )
    .action(async (_options, command: Command) => {
      await io.write(showConfiguration(await readCommandConfiguration(command, io)));
    });
}
