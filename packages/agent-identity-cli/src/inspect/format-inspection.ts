import type { CommandResult } from '../program/print-result.js';
import { printable } from '../program/printable.js';
import type { Styles } from '../program/styles.js';
import type { InspectedMember, Inspection } from './inspection.js';

/** Whether secrets are shown. */
export type Secrets = 'hide' | 'reveal';

/** Formats an inspection for people and for programs. */
export function formatInspection(inspection: Inspection, secrets: Secrets, styles: Styles): CommandResult {
  return { json: toJson(inspection, secrets), text: toLines(inspection, secrets, styles).join('\n') };
}

function toJson({ form, section, members, notes, inside }: Inspection, secrets: Secrets): object {
  return {
    form,
    section: nameSection(section),
    members: members.map((member) => ({
      name: member.name,
      ...(isHidden(member, secrets) ? { hidden: true } : { value: member.value }),
      secret: member.secret === true,
      section: nameSection(member.section),
      explanation: member.explanation,
    })),
    notes,
    ...(inside !== undefined && { inside: toJson(inside, secrets) }),
  };
}

function toLines(
  { title, section, members, notes, inside }: Inspection,
  secrets: Secrets,
  styles: Styles,
): string[] {
  const explained = members.flatMap((member) => {
    const place = nameSection(member.section);
    const note = `${member.explanation}${place === '' ? '' : ` [${place}]`}`;
    return [`  ${printable(member.name)}: ${formatValue(member, secrets)}`, styles.note(`      ${note}`)];
  });
  const noted = notes.map((note) => printable(note));
  const nested = inside === undefined ? [] : ['', ...toLines(inside, secrets, styles)];
  return [styles.title(`${title} [${nameSection(section)}]`), ...explained, ...noted, ...nested];
}

function formatValue(member: InspectedMember, secrets: Secrets): string {
  if (isHidden(member, secrets)) return 'hidden (a secret; --reveal shows it)';
  const { value } = member;
  return printable(typeof value === 'string' ? value : (JSON.stringify(value) ?? 'nothing'));
}

function isHidden({ secret }: InspectedMember, secrets: Secrets): boolean {
  return secret === true && secrets === 'hide';
}

/** `3` is a section of docs/protocol.md; `protocol-instances 4` of another page; others name a standard. */
function nameSection(section: string): string {
  if (/^\d+$/.test(section)) return `docs/protocol.md section ${section}`;
  return section.replace(/^([\w-]+) (\d+)$/, (whole, page: string, number: string) =>
    page === 'RFC' ? whole : `docs/${page}.md section ${number}`,
  );
}
