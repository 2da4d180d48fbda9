import { describeSection, type InspectedMember, type Inspection } from 'agent-identity-inspector';
import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { texts } from '../texts.js';

/** An explained document, and the one inside it. */
export function InspectionView({ inspection }: { readonly inspection: Inspection }): JSX.Element {
  const { title, section, members, notes, inside } = inspection;
  const { member, value, meaning } = texts.inspector;
  return (
    <section class="card" aria-label={title}>
      <h2>
        {title} <span class="quiet">{describeSection(section)}</span>
      </h2>
      {notes.length > 0 && (
        <ul class="notes">
          {notes.map((note) => (
            <li key={note} class={note.startsWith('Not usable') ? 'note bad' : 'note'}>
              {note}
            </li>
          ))}
        </ul>
      )}
      <table class="stacked">
        <thead>
          <tr>
            {[member, value, meaning].map((heading) => (
              <th key={heading} scope="col">
                {heading}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {members.map((each) => (
            <MemberRow key={each.name} member={each} />
          ))}
        </tbody>
      </table>
      {inside && <InspectionView inspection={inside} />}
    </section>
  );
}

function MemberRow({ member }: { readonly member: InspectedMember }): JSX.Element {
  const { name, explanation, section } = member;
  return (
    <tr>
      <th scope="row" class="mono">
        {name}
      </th>
      <td>{member.secret ? <SecretValue member={member} /> : <Value value={member.value} />}</td>
      <td>
        {explanation} {section !== '' && <span class="quiet">{describeSection(section)}</span>}
      </td>
    </tr>
  );
}

function SecretValue({ member: { name, value } }: { readonly member: InspectedMember }): JSX.Element {
  const [isShown, setShown] = useState(false);
  const { hidden, show, hide, showMember, hideMember } = texts.inspector;
  return (
    <>
      {isShown ? <Value value={value} /> : <span class="quiet">{hidden}</span>}{' '}
      <button
        type="button"
        class="small"
        aria-label={isShown ? hideMember(name) : showMember(name)}
        onClick={() => setShown(!isShown)}
      >
        {isShown ? hide : show}
      </button>
    </>
  );
}

function Value({ value }: { readonly value: unknown }): JSX.Element {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? texts.inspector.nothing);
  return <code>{text}</code>;
}
