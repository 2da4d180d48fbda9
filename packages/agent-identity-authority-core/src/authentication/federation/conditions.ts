import { invalidArgument, requireKnownOptions } from 'agent-identity-core/http';
import { type ClaimPath, claimAt, formatPath, requirePath, type TokenClaims } from '../token-claims.js';

/** What a claim of a token must be: exactly one of `equals`, `oneOf` and `glob`. A claim with several values needs one that fits. */
export interface ClaimCondition {
  readonly claim: ClaimPath;
  readonly equals?: string | number | boolean | undefined;
  readonly oneOf?: readonly string[] | undefined;
  /** A pattern such as `example-org/*`: `*` stands for any characters but `/` and `:`. */
  readonly glob?: string | undefined;
}

/** A condition that is ready to use. */
export interface ParsedCondition {
  readonly claim: ClaimPath;
  /** Whether no token passes whose issuer lets anybody choose the claim: a value, or a pattern that begins with one. */
  readonly isRestrictive: boolean;
  /** Says what was expected if the claims do not fit; `undefined` if they do. */
  readonly explain: (claims: TokenClaims) => string | undefined;
}

/** @throws AgentIdentityError `invalid_argument` */
export function parseCondition(condition: ClaimCondition, name: string): ParsedCondition {
  requireKnownOptions(condition, ['claim', 'equals', 'oneOf', 'glob'], name);
  const { claim, equals, oneOf, glob } = condition;
  requirePath(claim, `${name}.claim`);
  const given = [equals, oneOf, glob].filter((test) => test !== undefined);
  if (given.length !== 1) throw invalidArgument(name, 'one of equals, oneOf and glob', given.length);
  const { isRestrictive = true, matches, expected } = parseTest(condition, name);
  return {
    claim,
    isRestrictive,
    explain(claims) {
      const value = claimAt(claims, claim);
      if ([value].flat().some(matches)) return undefined;
      return `${formatPath(claim)}: expected ${expected}`;
    },
  };
}

interface ParsedTest {
  readonly matches: (value: unknown) => boolean;
  readonly expected: string;
  readonly isRestrictive?: boolean;
}

function parseTest({ equals, oneOf, glob }: ClaimCondition, name: string): ParsedTest {
  if (glob !== undefined) return parseGlob(glob, `${name}.glob`);
  if (oneOf !== undefined) {
    const isList = Array.isArray(oneOf) && oneOf.length > 0 && oneOf.every((one) => typeof one === 'string');
    if (!isList) throw invalidArgument(`${name}.oneOf`, 'a list of strings', oneOf);
    const values: readonly unknown[] = [...oneOf];
    return { matches: (value) => values.includes(value), expected: `one of ${JSON.stringify(oneOf)}` };
  }
  if (!['string', 'number', 'boolean'].includes(typeof equals)) {
    throw invalidArgument(`${name}.equals`, 'a string, a number or a boolean', equals);
  }
  return { matches: (value) => value === equals, expected: JSON.stringify(equals) };
}

function parseGlob(glob: string, name: string): ParsedTest {
  if (typeof glob !== 'string' || glob === '') throw invalidArgument(name, 'a pattern such as "org/*"', glob);
  return {
    matches: (value) => typeof value === 'string' && matchesGlob(glob, value),
    expected: `a match of ${JSON.stringify(glob)}`,
    // What comes before the first separator is a value.
    isRestrictive: /^[^*/:]+(?:[/:]|$)/.test(glob),
  };
}

const separators = /([/:])/;

/** Segment by segment. Needs no pattern that tries all ways, which a long claim would make slow. */
function matchesGlob(glob: string, value: string): boolean {
  const [expected, given] = [glob.split(separators), value.split(separators)];
  return (
    expected.length === given.length && expected.every((part, i) => matchesSegment(part, given[i] ?? ''))
  );
}

function matchesSegment(pattern: string, text: string): boolean {
  const [first = '', ...others] = pattern.split('*');
  const last = others.pop();
  if (last === undefined) return text === first;
  const end = text.length - last.length;
  if (!text.startsWith(first) || !text.endsWith(last) || end < first.length) return false;
  let position = first.length;
  for (const part of others) {
    const found = text.indexOf(part, position);
    if (found === -1 || found + part.length > end) return false;
    position = found + part.length;
  }
  return true;
}
