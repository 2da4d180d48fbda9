import { type JsonObject, jsonObjectOf } from './json-members.js';

/**
 * Sets one member of a JSON document, or of an object in it, in the text itself: every other byte stays as it is,
 * unknown members, the order of members and the way numbers are written included. A new member goes last, laid out
 * as its neighbours are.
 *
 * @param text A document known to be JSON, with this object in it and no such member twice.
 * @param path The member's name, behind that of the object it is in if that is not the document.
 */
export function setMember(text: string, path: readonly string[], value: string | object): string {
  const name = path.at(-1) ?? '';
  const object = objectAt(text, path.slice(0, -1));
  const { beforeMember, colon } = layoutOf(text, object);
  const written = write(value, beforeMember);
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

function objectAt(text: string, path: readonly string[]): JsonObject {
  let object = jsonObjectOf(text);
  for (const name of path) object = object?.members.find((member) => member.name === name)?.object;
  if (object === undefined) throw new TypeError('expected an object to set a member of');
  return object;
}

interface Layout {
  /** What stands in front of each member: nothing, a space, or a line end and the indentation. */
  readonly beforeMember: string;
  /** The colon and the space around it. */
  readonly colon: string;
}

function layoutOf(text: string, { span, members }: JsonObject): Layout {
  const [first] = members;
  if (first === undefined) return { beforeMember: '', colon: ':' };
  return {
    beforeMember: text.slice(span.start + 1, first.nameSpan.start),
    colon: text.slice(first.nameSpan.end, first.valueSpan.start),
  };
}

/** On several lines where the members around it are, indented as they are. */
function write(value: string | object, beforeMember: string): string {
  const lineEnd = beforeMember.lastIndexOf('\n');
  if (lineEnd === -1) return JSON.stringify(value);
  const indentation = beforeMember.slice(lineEnd + 1);
  const newline = `${beforeMember.includes('\r\n') ? '\r' : ''}\n${indentation}`;
  return JSON.stringify(value, null, indentation).replaceAll('\n', newline);
}
