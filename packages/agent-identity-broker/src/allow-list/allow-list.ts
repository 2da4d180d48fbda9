import { describeType } from 'agent-identity-core';
import { invalidArgument, isPlainPath } from 'agent-identity-core/http';
import { brokerError } from '../errors.js';

/** A rule of the allow-list. */
export interface Rule {
  /** As it was given, such as `POST /v1/responses`; the label of logs and metrics. */
  readonly text: string;
  /** `WEBSOCKET` for handshakes. */
  readonly method: string;
  readonly segments: readonly string[];
}

/** Finds the rule that allows a request; `undefined` if none does. */
export type AllowList = (method: string, path: string) => Rule | undefined;

/**
 * Parses the allow-list. A rule is a method and a path, such as `POST /v1/responses`. The method `WEBSOCKET` stands for
 * WebSocket handshakes. A segment `*` stands for one segment of any content.
 *
 * @throws AgentIdentityError `invalid_argument`, `rule_outside_provider`
 */
export function parseAllowList(allow: readonly string[], baseUrl: string): AllowList {
  if (!Array.isArray(allow) || allow.length === 0) {
    throw invalidArgument('allow', 'a list of rules such as "POST /v1/responses"', allow);
  }
  const { pathname } = new URL(baseUrl);
  const rules = allow.map((text, index) => parseRule(text, `allow[${index}]`));
  const base = segmentsOf(pathname === '/' ? '' : pathname);
  for (const [index, { segments }] of rules.entries()) {
    if (base.every((segment, i) => segments[i] === segment)) continue;
    throw brokerError('rule_outside_provider', `allow[${index}]: expected a path at or below ${pathname}`);
  }
  return (method, path) => {
    if (!isPlainPath(path)) return undefined;
    const segments = segmentsOf(path);
    return rules.find((rule) => rule.method === method && matches(rule.segments, segments));
  };
}

function parseRule(text: unknown, name: string): Rule {
  const [, method, path] = /^([A-Z]+) (\/\S*)$/.exec(typeof text === 'string' ? text : '') ?? [];
  if (method === undefined || path === undefined || method === 'CONNECT' || !isPlainPath(path)) {
    const got = typeof text === 'string' ? 'another text' : describeType(text);
    throw brokerError(
      'invalid_argument',
      `${name}: expected a method in capitals and a plain path, such as "POST /v1/responses", got ${got}`,
    );
  }
  return { text: `${method} ${path}`, method, segments: segmentsOf(path) };
}

function segmentsOf(path: string): string[] {
  return path.split('/').slice(1);
}

function matches(rule: readonly string[], segments: readonly string[]): boolean {
  return (
    rule.length === segments.length &&
    rule.every((segment, index) => segment === segments[index] || (segment === '*' && segments[index] !== ''))
  );
}
