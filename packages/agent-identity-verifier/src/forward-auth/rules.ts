import { invalidArgument, isCapability, isPlainPath, requireKnownOptions } from 'agent-identity-core/http';
import { verificationError } from '../errors.js';
import { requireCapability } from '../middleware/require-capability.js';
import type { VerifiedAgent } from '../verified-agent.js';
import type { ForwardedRequest } from './forwarded-request.js';

/** Which agents may send which requests. Members that are omitted restrict nothing. */
export interface ForwardAuthRule {
  /** The host that the client asked for, in lower case and without its port. */
  readonly host?: string | undefined;
  /** Such as `GET`; a WebSocket handshake is a `GET`. */
  readonly methods?: readonly string[] | undefined;
  /** A plain path. The segment `*` stands for one segment, and `**` at the end for all that follow, if any. */
  readonly path: string;
  /** Only agents of these accounts. */
  readonly accounts?: readonly string[] | undefined;
  /** Only agents with this capability. */
  readonly capability?: string | undefined;
}

/** Requires that the first rule for a request lets the agent through. */
export type RequireAllowed = (request: ForwardedRequest, agent: VerifiedAgent) => void;

/**
 * Parses rules.
 *
 * @returns a function that throws `request_not_allowed` unless the first rule for the request lets the agent through
 * @throws AgentIdentityError `invalid_argument`
 */
export function parseRules(rules: readonly ForwardAuthRule[]): RequireAllowed {
  if (!Array.isArray(rules) || rules.length === 0) {
    throw invalidArgument('rules', 'a list of rules such as { path: "/v1/**" }', rules);
  }
  const parsed = rules.map((rule, index) => parseRule(rule, `rules[${index}]`));
  return (request, agent) => {
    const segments = request.host === undefined ? undefined : readSegments(request.path);
    const rule = segments && parsed.find(({ matches }) => matches(request, segments));
    if (rule === undefined) throw verificationError('request_not_allowed', 'no rule matches the request');
    rule.requireAllowed(agent);
  };
}

interface ParsedRule {
  readonly matches: (request: ForwardedRequest, segments: readonly string[]) => boolean;
  readonly requireAllowed: (agent: VerifiedAgent) => void;
}

function parseRule(rule: ForwardAuthRule, name: string): ParsedRule {
  requireKnownOptions(rule, ['host', 'methods', 'path', 'accounts', 'capability'], name);
  const { host, methods, path, accounts, capability } = rule;
  if (host !== undefined && (typeof host !== 'string' || !/^[a-z\d][a-z\d.-]*$/.test(host))) {
    throw invalidArgument(`${name}.host`, 'a host name in lower case, without a port', host);
  }
  requireTexts(methods, `${name}.methods`, /^[A-Z]+$/, 'methods in capitals');
  requireTexts(accounts, `${name}.accounts`, /./s, 'account ids');
  if (capability !== undefined && !isCapability(capability)) {
    throw invalidArgument(`${name}.capability`, 'a capability such as "repository:read"', capability);
  }
  const matchesPath = parsePath(path, `${name}.path`);
  return {
    matches: (request, segments) =>
      (host === undefined || host === request.host) &&
      (methods === undefined || methods.includes(request.method)) &&
      matchesPath(segments),
    requireAllowed(agent) {
      if (accounts !== undefined && !accounts.some((account) => account === agent.accountId)) {
        throw verificationError('request_not_allowed', 'the rule is for agents of other accounts');
      }
      if (capability !== undefined) requireCapability(agent, capability);
    },
  };
}

function requireTexts(value: unknown, name: string, form: RegExp, expected: string): void {
  if (value === undefined) return;
  const isList = Array.isArray(value) && value.length > 0;
  if (isList && value.every((text) => typeof text === 'string' && form.test(text))) return;
  throw invalidArgument(name, `a list of ${expected}`, value);
}

function parsePath(pattern: string, name: string): (segments: readonly string[]) => boolean {
  const isPattern = typeof pattern === 'string' && !/\*\*(?!$)|[^/*]\*|\*[^/*]/.test(pattern);
  const isOpen = isPattern && pattern.endsWith('/**');
  const expected = isPattern ? readSegments(isOpen ? pattern.slice(0, -'**'.length) : pattern) : undefined;
  if (expected === undefined)
    throw invalidArgument(name, 'a plain path such as "/v1/*/items" or "/v1/**"', pattern);
  if (isOpen) expected.pop();
  return (segments) =>
    (isOpen ? segments.length >= expected.length : segments.length === expected.length) &&
    expected.every((part, index) => part === segments[index] || (part === '*' && segments[index] !== ''));
}

/** The decoded segments of a plain path: `/%70rivate` is `/private`. `undefined` for a path that servers may read differently. */
function readSegments(path: string): string[] | undefined {
  if (!isPlainPath(path)) return undefined;
  try {
    return path.split('/').slice(1).map(decodeURIComponent);
  } catch {
    return undefined;
  }
}
