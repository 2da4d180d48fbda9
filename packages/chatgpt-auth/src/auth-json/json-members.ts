import { type Node, parseTree } from 'jsonc-parser';

/** Where something stands in a text. */
interface Span {
  readonly start: number;
  readonly end: number;
}

/** One member of an object, and where its name and its value stand. */
interface JsonMember {
  readonly name: string;
  readonly nameSpan: Span;
  readonly valueSpan: Span;
  /** The value's own members, if it is an object. */
  readonly object: JsonObject | undefined;
}

export interface JsonObject {
  readonly span: Span;
  /** In the order of the text, those that come twice too. */
  readonly members: readonly JsonMember[];
}

/** Where the members of a document stand, if it is an object. The text must be known to be JSON. */
export function jsonObjectOf(text: string): JsonObject | undefined {
  return objectOf(parseTree(text));
}

function objectOf(node: Node | undefined): JsonObject | undefined {
  if (node?.type !== 'object') return undefined;
  return { span: spanOf(node), members: (node.children ?? []).flatMap(memberOf) };
}

function memberOf({ children = [] }: Node): JsonMember[] {
  const [key, value] = children;
  if (key === undefined || value === undefined) return [];
  return [{ name: key.value, nameSpan: spanOf(key), valueSpan: spanOf(value), object: objectOf(value) }];
}

function spanOf({ offset, length }: Node): Span {
  return { start: offset, end: offset + length };
}
