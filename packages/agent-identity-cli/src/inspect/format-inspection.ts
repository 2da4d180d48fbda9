import type { Styles } from 'agent-identity-core/terminal';
import { printable } from 'agent-identity-core/terminal';
import { describeSection, type InspectedMember, type Inspection } from 'agent-identity-inspector';
import type { CommandResult } from '../program/print-result.js';

/** Whether secrets are shown. */
export type Secrets = 'hide' | 'reveal';

/** Formats an inspection for people and for programs. */
export function formatInspection(inspection: Inspection, secrets: Secrets, styles: Styles): CommandResult {
  return { json: toJson(inspection, secrets), text: toLines(inspection, secrets, styles).join('\n') };
}

function toJson(inspection: Inspection, secrets: Secrets): object {
  const { form, section, members, inside } = inspection;
  return {
    form,
    section: describeSection(section),
    members: members.map((member) => ({
      name: member.name,
      ...(isHidden(member, secrets) ? { hidden: true } : { value: member.value }),
      secret: member.secret === true,
      section: describeSection(member.section),
      explanation: member.explanation,
    })),
    notes: notesOf(inspection),
    ...(inside !== undefined && { inside: toJson(inside, secrets) }),
  };
}

function toLines(inspection: Inspection, secrets: Secrets, styles: Styles): string[] {
  const { title, section, members, inside } = inspection;
  const explained = members.flatMap((member) => {
    const place = describeSection(member.section);
    const note = `${member.explanation}${place === '' ? '' : ` [${place}]`}`;
    return [`  ${printable(member.name)}: ${formatValue(member, secrets)}`, styles.note(`      ${note}`)];
  });
  const noted = notesOf(inspection).map((note) => printable(note));
  const nested = inside === undefined ? [] : ['', ...toLines(inside, secrets, styles)];
  return [styles.title(`${title} [${describeSection(section)}]`), ...explained, ...noted, ...nested];
}

function notesOf({ notes, isSigned }: Inspection): readonly string[] {
  return isSigned ? [...notes, 'The signature was not verified; use agent-identity verify.'] : notes;
}

function formatValue(member: InspectedMember, secrets: Secrets): string {
  if (isHidden(member, secrets)) return 'hidden (a secret; --reveal shows it)';
  const { value } = member;
  return printable(typeof value === 'string' ? value : (JSON.stringify(value) ?? 'nothing'));
}

function isHidden({ secret }: InspectedMember, secrets: Secrets): boolean {
  return secret === true && secrets === 'hide';
}
