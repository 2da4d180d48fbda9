import { readFile } from 'node:fs/promises';
import { parse, TomlError } from 'smol-toml';
import { programError } from '../errors.js';
import { type Configuration, configurationSchema } from './configuration.js';
import { environmentPrefix, type Setting, settings } from './settings.js';

/** Where a setting came from. */
type Origin = 'flag' | 'environment' | 'file' | 'default';

/** A configuration, and where each of its settings came from. */
export interface ReadConfiguration {
  readonly configuration: Configuration;
  /** By the paths of the settings. */
  readonly origins: ReadonlyMap<string, Origin>;
}

/** What a configuration is read from. */
export interface ConfigurationSources {
  /** By the paths of the settings. */
  readonly flags: Readonly<Record<string, unknown>>;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** A TOML file; the environment can name it too. */
  readonly file?: string | undefined;
}

/** The environment variable that names the file. */
export const fileVariable: string = `${environmentPrefix}CONFIG`;

/**
 * Reads the configuration: flags count before the environment, that before the file, and that before the defaults.
 *
 * @throws AgentIdentityError `invalid_configuration`, which names the settings that do not fit, and no value
 */
export async function readConfiguration({
  flags,
  environment,
  file = environment[fileVariable],
}: ConfigurationSources): Promise<ReadConfiguration> {
  requireKnownVariables(environment);
  const raw = file === undefined ? {} : await readToml(file);
  const origins = new Map<string, Origin>();
  for (const setting of settings) {
    const { path } = setting;
    const variable = environment[setting.environment];
    if (flags[path] !== undefined) put(raw, path, givenValue(setting, flags[path]));
    else if (variable !== undefined && variable !== '') put(raw, path, givenValue(setting, variable));
    origins.set(path, originOf(setting, flags, environment, raw));
  }
  return { configuration: parseConfiguration(raw, (path) => origins.get(path) ?? 'file'), origins };
}

/**
 * Checks a configuration and fills in the defaults.
 *
 * @param originOf Returns where a setting came from, for the error.
 * @throws AgentIdentityError `invalid_configuration`, which names the invalid settings but not their values
 */
export function parseConfiguration(input: unknown, originOf: (path: string) => string): Configuration {
  const result = configurationSchema.safeParse(input);
  if (result.success) return result.data;
  const problems = result.error.issues.map(({ path, message }) => {
    const name = path.join('.');
    return `${name || 'configuration'} (${originOf(name)}): ${message}`;
  });
  throw programError('invalid_configuration', problems.join('; '));
}

/** A misspelt variable must not go unnoticed: it may have been the one that closes something. */
function requireKnownVariables(environment: ConfigurationSources['environment']): void {
  const known = new Set([fileVariable, ...settings.map((setting) => setting.environment)]);
  const [unknown] = Object.keys(environment).filter(
    (name) => name.startsWith(environmentPrefix) && !known.has(name),
  );
  if (unknown === undefined) return;
  throw programError('invalid_configuration', `${unknown} (environment): there is no such setting`);
}

/**
 * Reads a TOML file.
 *
 * @throws AgentIdentityError `invalid_configuration`, which quotes nothing of the file
 */
export async function readToml(file: string): Promise<Record<string, unknown>> {
  let toml: string;
  try {
    toml = await readFile(file, 'utf8');
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? 'unreadable';
    throw programError('invalid_configuration', `${file}: cannot be read (${reason})`);
  }
  try {
    return parse(toml);
  } catch (error) {
    const place = error instanceof TomlError ? ` in line ${error.line}, column ${error.column}` : '';
    throw programError('invalid_configuration', `${file}: not TOML${place}`);
  }
}

function originOf(
  { path, environment: variable }: Setting,
  flags: ConfigurationSources['flags'],
  environment: ConfigurationSources['environment'],
  raw: Record<string, unknown>,
): Origin {
  if (flags[path] !== undefined) return 'flag';
  if (environment[variable]) return 'environment';
  return valueAt(raw, path) === undefined ? 'default' : 'file';
}

/** What a flag or a variable says, in the kind of the setting; what does not fit stays, for the schema to refuse. */
function givenValue({ kind }: Setting, given: unknown): unknown {
  if (typeof given !== 'string') return given;
  if (kind === 'number') return given.trim() === '' ? given : Number(given);
  if (kind === 'list') return given.split(/[\s,]+/).filter((part) => part !== '');
  if (kind === 'boolean') return given === 'true' ? true : given === 'false' ? false : given;
  return given;
}

/** The value of a setting, by its path. */
export function valueAt(values: unknown, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>(
      (value, name) => (typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined),
      values,
    );
}

function put(values: Record<string, unknown>, path: string, value: unknown): void {
  const [section = '', name] = path.split('.');
  if (name === undefined) values[section] = value;
  else values[section] = { ...(values[section] as object | undefined), [name]: value };
}
