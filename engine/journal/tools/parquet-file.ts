// A table as a Parquet file, in row groups of a bounded number of cells, so that memory stays the same however long the
// journal is. Whole numbers are INT64, times TIMESTAMP in microseconds (UTC); no column is ever null.
import { renameSync, rmSync } from 'node:fs';
import { type ColumnSource, fileWriter, ParquetWriter, type SchemaElement } from 'hyparquet-writer';
import type { Column, ColumnType, Row } from './records.ts';

/** Of 28,000 trades or 10,000 books. */
const ROW_GROUP_CELLS = 1 << 19;

const ELEMENT: Readonly<Record<ColumnType, Omit<SchemaElement, 'name'>>> = {
  integer: { type: 'INT64' },
  double: { type: 'DOUBLE' },
  text: { type: 'BYTE_ARRAY', converted_type: 'UTF8', logical_type: { type: 'STRING' } },
  time: {
    type: 'INT64',
    converted_type: 'TIMESTAMP_MICROS',
    logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MICROS' },
  },
};

export interface ParquetFileOptions {
  readonly path: string;
  readonly columns: readonly Column[];
  readonly rows: Iterable<Row>;
  readonly rowGroupRows?: number;
}

/** @returns the rows written. @throws Error where the disk refuses; nothing is left of the file then */
export function writeParquetFile({ path, columns, rows, ...options }: ParquetFileOptions): number {
  const { rowGroupRows = Math.ceil(ROW_GROUP_CELLS / columns.length) } = options;
  const part = `${path}.part`;
  try {
    const writer = new ParquetWriter({ writer: fileWriter(part), schema: schemaOf(columns), createdBy: 'kisignal' });
    let group: Row[] = [];
    let written = 0;
    const flush = (): void => {
      if (group.length > 0) writer.write({ columnData: columnsOf(columns, group), rowGroupSize: group.length });
      written += group.length;
      group = [];
    };
    for (const row of rows) {
      group.push(row);
      if (group.length === rowGroupRows) flush();
    }
    flush();
    writer.finish();
    renameSync(part, path);
    return written;
  } catch (error) {
    rmSync(part, { force: true });
    throw error;
  }
}

function schemaOf(columns: readonly Column[]): SchemaElement[] {
  return [
    { name: 'root', num_children: columns.length },
    ...columns.map(({ name, type }): SchemaElement => ({ name, repetition_type: 'REQUIRED', ...ELEMENT[type] })),
  ];
}

function columnsOf(columns: readonly Column[], rows: readonly Row[]): ColumnSource[] {
  return columns.map(({ name, type }, i) => {
    const values = rows.map((row) => row[i]);
    return { name, data: type === 'integer' || type === 'time' ? values.map(BigInt) : values };
  });
}
