// The tables of imports: where a project came from, and which operation each of its resources was made of. Rows go with what they belong to.

/** The document that a project was imported from, last. */
export interface ProjectImportTable {
  project_id: string;
  /** openapi or wsdl. */
  format: string;
  imported_at: number;
  imported_by: string;
  /** JSON: title, version, url, fileName, choose, tags; for WSDL what was taken of it. */
  data: string;
  /** The document itself; kept for WSDL. */
  text: string | null;
}

/** What a resource was as it was imported: by this it is recognised, whatever it is called now. */
export interface ResourceOriginTable {
  resource_id: string;
  project_id: string;
  /** Method and shape of the path: `GET /pets/{}`. */
  key: string;
  /** JSON: operationId, displayName, path, methods, scopes, scopeMatch, public, and the policy that asks for the scopes. */
  data: string;
}

export interface ImportTables {
  project_imports: ProjectImportTable;
  resource_origins: ResourceOriginTable;
}
