import { type Command, InvalidArgumentError, Option } from 'commander';
import {
  fileVariable,
  type ReadConfiguration,
  readConfiguration,
} from '../configuration/read-configuration.js';
import { type Setting, settings } from '../configuration/settings.js';
import type { CommandIo } from './command-io.js';

/** The settings of every command: which store, or which running authority. */
const targetSettings: ReadonlySet<string> = new Set([
  'store',
  'masterKey',
  'masterKeyFile',
  'url',
  'administrators.token',
  'administrators.tokenFile',
]);

/** Adds the flags of all settings to a command, or only of those that select the authority. */
export function addSettings(command: Command, which: 'all' | 'target'): Command {
  command.addOption(new Option('-c, --config <file>', `A TOML file with settings. [${fileVariable}]`));
  for (const setting of settings) {
    if (setting.flag === undefined || (which === 'target' && !targetSettings.has(setting.path))) continue;
    const option = new Option(`--${setting.flag} <${placeholders[setting.kind]}>`, describeSetting(setting));
    command.addOption(option.helpGroup(groupOf(setting)));
  }
  return command.addHelpText('after', describeVariables(which));
}

/** Secret settings have no flags. */
function describeVariables(which: 'all' | 'target'): string {
  const lines = settings
    .filter(({ path, flag }) => flag === undefined && (which === 'all' || targetSettings.has(path)))
    .map(({ environment, description }) => `  ${environment}: ${description}`);
  const others =
    which === 'all' ? '' : '\nAll other settings come from the file and the environment; see serve --help.';
  return `\nEnvironment variables without a flag:\n${lines.join('\n')}${others}`;
}

/** Reads the configuration of a command that has the flags of settings. */
export function readCommandConfiguration(
  command: Command,
  { environment }: CommandIo,
): Promise<ReadConfiguration> {
  const values: Record<string, unknown> = command.opts();
  const flags = Object.fromEntries(
    settings.flatMap(({ path, flag }) => {
      const value = flag === undefined ? undefined : values[camelCase(flag)];
      return value === undefined ? [] : [[path, value]];
    }),
  );
  return readConfiguration({ flags, environment, file: values['config'] as string | undefined });
}

/** Parses the whole number of an option. */
export function parseWholeNumber(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError('expected a whole number');
  return Number(text);
}

const placeholders: Readonly<Record<Setting['kind'], string>> = {
  text: 'text',
  number: 'number',
  boolean: 'true|false',
  list: 'names',
};

function describeSetting({ description, fallback, environment }: Setting): string {
  const hasDefault = fallback !== undefined && fallback !== '' && !Array.isArray(fallback);
  return `${description}${hasDefault ? ` Default: ${String(fallback)}.` : ''} [${environment}]`;
}

/** The heading of a setting in the help. */
function groupOf({ path }: Setting): string {
  const [section = '', name] = path.split('.');
  return name === undefined ? 'Settings:' : `Settings of ${section}:`;
}

/** The name that commander gives to a flag's value. */
function camelCase(flag: string): string {
  return flag.replaceAll(/-(\w)/g, (_dash, letter: string) => letter.toUpperCase());
}
