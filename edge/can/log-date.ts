/**
 * Dates as log programs write them, in the language of the machine they ran on: `Wed Apr 16 09:21:13.159 am 2014`,
 * `Sam Sep 30 15:06:13.191 2017`, `11.09.2002 16:00:20.682`, `2017-09-30 15:06:13`. None of them names a time zone,
 * so all are taken as UTC.
 */

/** Beginnings of the months' names: English, German, French, Italian, Spanish. */
const monthNames: readonly (readonly string[])[] = [
  ['jan', 'jän', 'gen', 'ene'],
  ['feb', 'fév', 'fev'],
  ['mar', 'mär', 'mrz', 'maer', 'mrt'],
  ['apr', 'avr', 'abr'],
  ['may', 'mai', 'mag', 'mei'],
  ['jun', 'juin', 'giu'],
  ['jul', 'juil', 'lug'],
  ['aug', 'aoû', 'aou', 'ago'],
  ['sep', 'set'],
  ['oct', 'okt', 'ott'],
  ['nov'],
  ['dec', 'dez', 'déc', 'dic'],
];

/**
 * @returns microseconds since the Unix epoch, or undefined when the text has no date of any known spelling
 * @example parseLogDateAsUs('Wed Apr 16 09:21:13.159 pm 2014')  // 1397683273159000
 */
export function parseLogDateAsUs(text: string): number | undefined {
  const time = /(\d{1,2}):(\d{2}):(\d{2})(?:[.,](\d{1,6}))?/.exec(text);
  if (time === null) return undefined;
  const rest = `${text.slice(0, time.index)} ${text.slice(time.index + time[0].length)}`.toLowerCase();
  const day = numericDay(rest) ?? namedDay(rest);
  if (day === undefined) return undefined;
  const hour = hourOfDay(Number(time[1]), rest);
  const minute = Number(time[2]);
  const second = Number(time[3]);
  if (hour > 23 || minute > 59 || second > 60) return undefined;
  const us = Number((time[4] ?? '').padEnd(6, '0'));
  return Date.UTC(day.year, day.month - 1, day.day, hour, minute, second) * 1000 + us || undefined;
}

interface Day {
  year: number;
  month: number;
  day: number;
}

function numericDay(text: string): Day | undefined {
  const german = /\b(\d{1,2})\.(\d{1,2})\.(\d{4})\b/.exec(text);
  if (german) return checked({ day: Number(german[1]), month: Number(german[2]), year: Number(german[3]) });
  const iso = /\b(\d{4})-(\d{1,2})-(\d{1,2})\b/.exec(text);
  if (iso) return checked({ year: Number(iso[1]), month: Number(iso[2]), day: Number(iso[3]) });
  return undefined;
}

function namedDay(text: string): Day | undefined {
  const year = /\b(\d{4})\b/.exec(text);
  const day = /\b(\d{1,2})\b(?!\d)/.exec(text.replace(/\b\d{4}\b/, ' '));
  if (year === null || day === null) return undefined;
  // The weekday comes first and may begin as a month does (French mardi and mars), so the last match is the month.
  let month = 0;
  for (const word of text.match(/\p{L}+/gu) ?? []) {
    const found = monthNames.findIndex((names) => names.some((name) => word.startsWith(name)));
    if (found >= 0) month = found + 1;
  }
  return checked({ year: Number(year[1]), month, day: Number(day[1]) });
}

function checked(day: Day): Day | undefined {
  return day.month >= 1 && day.month <= 12 && day.day >= 1 && day.day <= 31 ? day : undefined;
}

/** English am and pm, German vorm. and nachm. */
function hourOfDay(hour: number, text: string): number {
  if (/\b(pm|p\.m|nachm)/.test(text)) return hour < 12 ? hour + 12 : hour;
  if (/\b(am|a\.m|vorm)/.test(text)) return hour === 12 ? 0 : hour;
  return hour;
}
