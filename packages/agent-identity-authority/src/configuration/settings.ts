import * as z from 'zod';
import { configurationSchema } from './configuration.js';

/** One leaf of the configuration, and how flags and the environment name it. */
export interface Setting {
  /** Such as `limits.connections`: as in a file, sections apart. */
  readonly path: string;
  readonly kind: 'text' | 'number' | 'boolean' | 'list';
  /** Such as `AIA_LIMITS_CONNECTIONS`. */
  readonly environment: string;
  /** Such as `limits-connections`. Secrets have none: flags show in process lists. */
  readonly flag: string | undefined;
  readonly description: string;
  readonly fallback: unknown;
  readonly secret: boolean;
}

/**
 * The prefix of all environment variables. The full name would not do: Kubernetes sets `AGENT_IDENTITY_AUTHORITY_PORT`
 * for a service of that name.
 */
export const environmentPrefix = 'AIA_';

interface JsonSchema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly description?: string;
  readonly default?: unknown;
  readonly secret?: boolean;
}

const kinds: Readonly<Record<string, Setting['kind']>> = {
  integer: 'number',
  boolean: 'boolean',
  array: 'list',
};

/** Every setting, in the order of the schema. */
export const settings: readonly Setting[] = settingsOf(
  z.toJSONSchema(configurationSchema, { io: 'input' }) as JsonSchema,
  [],
);

function settingsOf({ properties = {} }: JsonSchema, section: readonly string[]): Setting[] {
  return Object.entries(properties).flatMap(([name, schema]) => {
    const path = [...section, name];
    return schema.type === 'object' ? settingsOf(schema, path) : [settingOf(schema, path)];
  });
}

function settingOf(
  { type = 'string', description = '', default: fallback, secret = false }: JsonSchema,
  path: readonly string[],
): Setting {
  const words = path.flatMap((name) => name.split(/(?=[A-Z])/)).map((word) => word.toLowerCase());
  return {
    path: path.join('.'),
    kind: kinds[type] ?? 'text',
    environment: `${environmentPrefix}${words.join('_').toUpperCase()}`,
    flag: secret ? undefined : words.join('-'),
    description,
    fallback,
    secret,
  };
}
