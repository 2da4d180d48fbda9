import type * as z from 'zod/mini';
import { describeType } from '../errors.js';
import { printableName } from '../http/text.js';

/**
 * Explains why a value does not fit a schema, naming each member by its path: `agent_identity.plan_type: expected a
 * string, got nothing`. Names the kinds of values, never the values.
 *
 * @param value The value that the schema refused.
 * @param name Names the value, and begins each path. May be empty.
 * @example
 * ```ts
 * import { agentIdentityRecordSchema, explainSchemaError } from 'agent-identity-core/wire';
 *
 * const value: unknown = { agent_runtime_id: 'agent-1' };
 * const result = agentIdentityRecordSchema.safeParse(value);
 * const problem = result.success ? undefined : explainSchemaError(result.error, value, 'agent_identity');
 * ```
 */
export function explainSchemaError(
  { issues }: { readonly issues: readonly z.core.$ZodIssue[] },
  value: unknown,
  name = '',
): string {
  return issues.map((issue) => explainIssue(issue, value, name)).join('; ');
}

function explainIssue(issue: z.core.$ZodIssue, value: unknown, name: string): string {
  const path = [name, ...issue.path.map((part) => printableName(String(part)))].filter((part) => part !== '');
  const place = path.length === 0 ? '' : `${path.join('.')}: `;
  if (issue.code === 'unrecognized_keys') {
    return `${place}unknown member "${issue.keys.map((key) => printableName(key)).join('", "')}"`;
  }
  const got = valueAt(value, issue.path);
  return `${place}expected ${expectedBy(issue)}, got ${got === undefined ? 'nothing' : describeType(got)}`;
}

function expectedBy(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return kinds[issue.expected] ?? `a value of type ${issue.expected}`;
    case 'invalid_value':
      return issue.values.map((allowed) => JSON.stringify(allowed)).join(' or ');
    case 'too_small':
      return issue.origin === 'string'
        ? 'a non-empty string'
        : `${issue.inclusive ? '' : 'more than '}${issue.minimum}${issue.inclusive ? ' or more' : ''}`;
    case 'too_big':
      return `at most ${issue.maximum}`;
    case 'custom':
      return issue.message.replace(/^expected /, '');
    default:
      return 'another format';
  }
}

const kinds: Readonly<Record<string, string>> = {
  string: 'a string',
  number: 'a number',
  int: 'a whole number',
  boolean: 'a boolean',
  object: 'an object',
  record: 'an object',
  array: 'an array',
  null: 'null',
};

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (parent, name) =>
      typeof parent === 'object' && parent !== null && Object.hasOwn(parent, name)
        ? Reflect.get(parent, name)
        : undefined,
    value,
  );
}
