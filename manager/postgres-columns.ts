import { DataTypeNode, type KyselyPlugin, OperationNodeTransformer, RawNode } from 'kysely';

/**
 * Makes the column types of the migrations what SQLite makes of them: text is compared by its bytes, whatever the database's collation is (the
 * order of lists, and ranges that stand for "begins with"), and whole numbers have eight bytes, so that none that may be asked for is too large.
 */
export const columnsOfSqlite: KyselyPlugin = {
  transformQuery: ({ node, queryId }) => transformer.transformNode(node, queryId),
  transformResult: async ({ result }) => result,
};

class ColumnTypes extends OperationNodeTransformer {
  protected override transformColumnDefinition(
    ...[node, queryId]: Parameters<OperationNodeTransformer['transformColumnDefinition']>
  ): ReturnType<OperationNodeTransformer['transformColumnDefinition']> {
    const { dataType, ...rest } = super.transformColumnDefinition(node, queryId);
    return { ...rest, dataType: DataTypeNode.is(dataType) ? typeOf(dataType) : dataType };
  }
}

function typeOf(type: DataTypeNode): DataTypeNode | RawNode {
  if (type.dataType === 'text') return RawNode.createWithSql('text collate "C"');
  return type.dataType === 'integer' ? DataTypeNode.create('bigint') : type;
}

const transformer = new ColumnTypes();
