import { invalidArgument, requireKnownOptions } from 'agent-identity-core/http';
import type { AgentActor } from './agent-directory.js';

const memberNames: Readonly<Record<string, readonly string[]>> = {
  chatgpt: ['userId', 'accountId'],
  platform: ['userId', 'organizationId', 'projectId'],
};

/**
 * Requires an actor of the documented shape.
 *
 * @throws AgentIdentityError `invalid_argument`
 */
export function requireAgentActor(actor: unknown, name: string): asserts actor is AgentActor {
  const { kind } = (actor ?? {}) as { readonly kind?: unknown };
  const names = typeof kind === 'string' && Object.hasOwn(memberNames, kind) ? memberNames[kind] : undefined;
  if (names === undefined) throw invalidArgument(`${name}.kind`, '"chatgpt" or "platform"', kind);
  requireKnownOptions(actor as object, ['kind', ...names], name);
  for (const member of names) {
    const value: unknown = Reflect.get(actor as object, member);
    const isText = typeof value === 'string' || (member === 'projectId' && value === null);
    if (!isText) throw invalidArgument(`${name}.${member}`, 'a string', value);
  }
}

/** Whether two actors are the same: of one kind, with equal ids. */
export function isSameActor(one: AgentActor, other: AgentActor): boolean {
  if (one.userId !== other.userId) return false;
  if (one.kind === 'chatgpt') return other.kind === 'chatgpt' && one.accountId === other.accountId;
  return (
    other.kind === 'platform' &&
    one.organizationId === other.organizationId &&
    one.projectId === other.projectId
  );
}
