import { type LocatedObject, locateMembers } from './locate-members.js';

/**
 * Sets one member of a JSON document, or of an object in it, in the text itself. Every other byte stays the same: unknown
 * members, the order of members, the notation of numbers. A new member goes last, formatted like its neighbours.
 *
 * @param text A document known to be JSON, with this object in it and without duplicates of this member.
 * @param path The names of the members that lead to it.
 */
export function setMember(text: string, path: readonly string[], value: string | object): string {
  const name = path.at(-1) ?? '';
  const object = findObject(text, path.slice(0, -1));
  const { beforeMember, colon } = readLayout(text, object);
  const written = formatValue(value, beforeMember);
  const existing = object.members.find((member) => member.name === name);
  if (existing !== undefined) {
    return text.slice(0, existing.valueSpan.start) + written + text.slice(existing.valueSpan.end);
  }
  const member = `${JSON.stringify(name)}${colon}${written}`;
  const last = object.members.at(-1);
  const position = last?.valueSpan.end ?? object.span.start + 1;
  const separator = last === undefined ? '' : `,${beforeMember}`;
  return text.slice(0, position) + separator + member + text.slice(position);
}

function findObject(text: string, path: readonly string[]): LocatedObject {
  let object = locateMembers(text);
  for (const name of path) object = object?.members.find((member) => member.name === name)?.object;
  if (object === undefined) throw new TypeError('expected an object whose member can be set');
  return object;
}

interface Layout {
  /** The text before each member: nothing, a space, or a line end and the indentation. */
  readonly beforeMember: string;
  /** The colon and the space around it. */
  readonly colon: string;
}

function readLayout(text: string, { span, members }: LocatedObject): Layout {
  const [first] = members;
  if (first === undefined) return { beforeMember: '', colon: ':' };
  return {
    beforeMember: text.slice(span.start + 1, first.nameSpan.start),
    colon: text.slice(first.nameSpan.end, first.valueSpan.start),
  };
}

/** On several lines if the members around it are, with their indentation. */
function formatValue(value: string | object, beforeMember: string): string {
  const lineEnd = beforeMember.lastIndexOf('\n');
  if (lineEnd === -1) return JSON.stringify(value);
  const indentation = beforeMember.slice(lineEnd + 1);
  const newline = `${beforeMember.includes('\r\n') ? '\r' : ''}\n${indentation}`;
  return JSON.stringify(value, null, indentation).replaceAll('\n', newline);
}
