import { ImportWizard } from './import-wizard.tsx';

/** Import OpenAPI or WSDL (console.md journey 6). */
export function ImportProject() {
  return (
    <ImportWizard
      title="Import OpenAPI or WSDL"
      description="Makes a project of a description: OpenAPI 3.0 or 3.1 as JSON or YAML, or a WSDL 1.1."
      accepted="any"
      what="an OpenAPI document or a WSDL"
      accept=".json,.yaml,.yml,.wsdl,.xml,application/json,application/yaml,text/yaml,text/xml,application/xml"
    />
  );
}

/** Create WSDL (console.md §4.7). */
export function CreateWsdl() {
  return (
    <ImportWizard
      title="Create WSDL"
      description="Publishes a SOAP service from its WSDL 1.1: calls are passed through to the address of its port."
      accepted="wsdl"
      what="a WSDL"
      accept=".wsdl,.xml,text/xml,application/xml,application/wsdl+xml"
    />
  );
}
