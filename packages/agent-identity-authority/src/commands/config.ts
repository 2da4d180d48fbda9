import { Command } from 'commander';
import { showConfiguration } from '../configuration/show-configuration.js';
import type { CommandIo } from './command-io.js';
import { addSettings, configurationOf } from './setting-options.js';

/** `config`: what the settings come to. */
export function configCommand(io: CommandIo): Command {
  return new Command('config').summary('show the settings').addCommand(configShowCommand(io));
}

function configShowCommand(io: CommandIo): Command {
  return addSettings(new Command('show'), 'all')
    .summary('print every setting, and where it came from')
    .description(
      'Prints the configuration as a TOML file, with where each setting came from. Of secrets it says only whether ' +
        'there is one.',
    )
    .action(async (_options, command: Command) => {
      io.write(showConfiguration(await configurationOf(command, io)));
    });
}
