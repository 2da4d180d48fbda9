import { type Node, parseTree } from 'jsonc-parser';

/** A range of a text. */
interface Span {
  readonly start: number;
  readonly end: number;
}

/** One member of an object, with the ranges of its name and its value. */
interface LocatedMember {
  readonly name: string;
  readonly nameSpan: Span;
  readonly valueSpan: Span;
  /** The value's own members, if it is an object. */
  readonly object: LocatedObject | undefined;
}

export interface LocatedObject {
  readonly span: Span;
  /** In the order of the text, duplicates included. */
  readonly members: readonly LocatedMember[];
}

/** Locates the members of a JSON document; `undefined` if it is not an object. The text must be known to be JSON. */
export function locateMembers(text: string): LocatedObject | undefined {
  return toLocatedObject(parseTree(text));
}

function toLocatedObject(node: Node | undefined): LocatedObject | undefined {
  if (node?.type !== 'object') return undefined;
  return { span: toSpan(node), members: (node.children ?? []).flatMap(toLocatedMembers) };
}

function toLocatedMembers({ children = [] }: Node): LocatedMember[] {
  const [key, value] = children;
  if (key === undefined || value === undefined) return [];
  const object = toLocatedObject(value);
  return [{ name: key.value, nameSpan: toSpan(key), valueSpan: toSpan(value), object }];
}

function toSpan({ offset, length }: Node): Span {
  return { start: offset, end: offset + length };
}
