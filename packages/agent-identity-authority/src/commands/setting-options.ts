import { type Command, Option } from 'commander';
import {
  fileVariable,
  type ReadConfiguration,
  readConfiguration,
} from '../configuration/read-configuration.js';
import { type Setting, settings } from '../configuration/settings.js';
import type { CommandIo } from './command-io.js';

/** The settings that every command has: which store, or which running authority. */
const ofEveryCommand: ReadonlySet<string> = new Set([
  'store',
  'masterKeyFile',
  'url',
  'administrators.tokenFile',
]);

/** Gives a command the flags of all settings, or of those that tell it where the authority is. */
export function addSettings(command: Command, which: 'all' | 'where'): Command {
  command.addOption(new Option('-c, --config <file>', `A TOML file of settings. [${fileVariable}]`));
  for (const setting of settings) {
    if (setting.flag === undefined || (which === 'where' && !ofEveryCommand.has(setting.path))) continue;
    const option = new Option(`--${setting.flag} <${placeholders[setting.kind]}>`, described(setting));
    command.addOption(option.helpGroup(groupOf(setting)));
  }
  return command;
}

/** Reads the configuration of a command that has the flags of settings. */
export function configurationOf(command: Command, { environment }: CommandIo): Promise<ReadConfiguration> {
  const given: Record<string, unknown> = command.opts();
  const flags = Object.fromEntries(
    settings.flatMap(({ path, flag }) => {
      const value = flag === undefined ? undefined : given[camelCase(flag)];
      return value === undefined ? [] : [[path, value]];
    }),
  );
  const file = given['config'] as string | undefined;
  return readConfiguration({ flags, environment, ...(file !== undefined && { file }) });
}

const placeholders: Readonly<Record<Setting['kind'], string>> = {
  text: 'text',
  number: 'number',
  boolean: 'true|false',
  list: 'names',
};

function described({ description, fallback, environment }: Setting): string {
  const byDefault = fallback === undefined || fallback === '' ? '' : ` Default: ${String(fallback)}.`;
  return `${description}${Array.isArray(fallback) ? '' : byDefault} [${environment}]`;
}

/** The heading of a setting in the help. */
function groupOf({ path }: Setting): string {
  const [section = '', name] = path.split('.');
  return name === undefined ? 'Settings:' : `Settings of ${section}:`;
}

/** As commander names what it was given. */
function camelCase(flag: string): string {
  return flag.replaceAll(/-(\w)/g, (_dash, letter: string) => letter.toUpperCase());
}
