// Reads vitest's JSON report.
//
//   node .ci/test-report.mjs counts REPORT              prints `PASSED FAILED`
//   node .ci/test-report.mjs skips REPORT EXPECTED      fails on a skipped test that EXPECTED does not list, and on a
//                                                       line of EXPECTED that fits no skipped test's name any more
import { readFileSync } from 'node:fs';

const [, , question, reportFile, expectedFile] = process.argv;
const report = JSON.parse(readFileSync(reportFile, 'utf8'));
const results = report.testResults.flatMap((file) =>
  // A file that breaks before its first test has no results of its own: it counts as one failure.
  file.assertionResults.length === 0 && file.status === 'failed'
    ? [{ status: 'failed', fullName: file.name }]
    : file.assertionResults,
);

if (question === 'counts') {
  const number = (status) => results.filter((result) => result.status === status).length;
  process.stdout.write(`${number('passed')} ${number('failed')}\n`);
} else {
  reportSkips();
}

function reportSkips() {
  const expected = readFileSync(expectedFile, 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('#'))
    .map((line) => {
      const [name, reason] = line.split(' | ');
      if (!reason?.trim()) throw new Error(`${expectedFile}: a line without a reason: ${line}`);
      return { name: name.trim(), reason: reason.trim() };
    });
  const skipped = results
    .filter(({ status }) => status !== 'passed' && status !== 'failed')
    .map((result) => result.fullName);
  const unexpected = skipped.filter((fullName) => !expected.some(({ name }) => fullName.includes(name)));
  const outdated = expected.filter(({ name }) => !results.some(({ fullName }) => fullName.includes(name)));
  for (const fullName of skipped) process.stdout.write(`skipped: ${fullName}\n`);
  for (const fullName of unexpected) process.stdout.write(`NOT EXPECTED to be skipped: ${fullName}\n`);
  for (const { name } of outdated) process.stdout.write(`expected to be skipped, but there is no such test: ${name}\n`);
  process.stdout.write(`${skipped.length} skipped, ${unexpected.length} of them unexpected\n`);
  if (unexpected.length > 0 || outdated.length > 0) process.exitCode = 1;
}
