/** The template's resources with all its functions worked out, as a stack would have them. */
import {
  asObject,
  at,
  isObject,
  type Json,
  type JsonObject,
  type Resource,
  template,
} from './template.ts';

const pseudo: Readonly<Record<string, string>> = {
  'AWS::AccountId': '123456789012',
  'AWS::Region': 'sa-east-1',
  'AWS::Partition': 'aws',
  'AWS::URLSuffix': 'amazonaws.com',
  'AWS::StackName': 'pynvest',
};

/** What a bare reference to a resource gives, and its ARN, by its type. `%` stands for the name. */
const kinds: Readonly<Record<string, { nameIn?: string; arn?: string; ref?: 'arn' | 'url' }>> = {
  'AWS::S3::Bucket': { nameIn: 'BucketName', arn: 'arn:aws:s3:::%' },
  'AWS::SQS::Queue': {
    nameIn: 'QueueName',
    arn: 'arn:aws:sqs:sa-east-1:123456789012:%',
    ref: 'url',
  },
  'AWS::Logs::LogGroup': {
    nameIn: 'LogGroupName',
    arn: 'arn:aws:logs:sa-east-1:123456789012:log-group:%:*',
  },
  'AWS::Lambda::Function': {
    nameIn: 'FunctionName',
    arn: 'arn:aws:lambda:sa-east-1:123456789012:function:%',
  },
  'AWS::IAM::Role': { nameIn: 'RoleName', arn: 'arn:aws:iam::123456789012:role/%' },
  'AWS::IAM::ManagedPolicy': {
    nameIn: 'ManagedPolicyName',
    arn: 'arn:aws:iam::123456789012:policy/%',
    ref: 'arn',
  },
  'AWS::Events::Rule': { nameIn: 'Name', arn: 'arn:aws:events:sa-east-1:123456789012:rule/%' },
  'AWS::StepFunctions::StateMachine': {
    nameIn: 'StateMachineName',
    arn: 'arn:aws:states:sa-east-1:123456789012:stateMachine:%',
    ref: 'arn',
  },
  'AWS::SNS::Topic': {
    nameIn: 'TopicName',
    arn: 'arn:aws:sns:sa-east-1:123456789012:%',
    ref: 'arn',
  },
  'AWS::Athena::WorkGroup': { nameIn: 'Name' },
  'AWS::Glue::Database': { nameIn: 'DatabaseInput.Name' },
};

const noValue = Symbol('AWS::NoValue');

export class ResolvedStack {
  readonly #parameters: Readonly<Record<string, string>>;
  readonly resources: Readonly<Record<string, Resource>>;

  /** With the parameters' defaults, but for those given here. Those without a default are made up. */
  constructor(parameters: Readonly<Record<string, string>> = {}) {
    this.#parameters = Object.fromEntries(
      Object.entries(template.parameters).map(([name, definition]) => [
        name,
        parameters[name] ?? String(definition['Default'] ?? `given-${name}`),
      ]),
    );
    this.resources = Object.fromEntries(
      Object.entries(template.resources)
        .filter(([, { condition }]) => condition === undefined || this.holds(condition))
        .map(([name, resource]) => [
          name,
          { ...resource, properties: asObject(this.value(resource.properties)) },
        ]),
    );
  }

  ofType(type: string): [string, Resource][] {
    return Object.entries(this.resources).filter(([, resource]) => resource.type === type);
  }

  resource(name: string): Resource {
    const found = this.resources[name];
    if (found === undefined) throw new Error(`the stack has no ${name}`);
    return found;
  }

  holds(condition: string): boolean {
    return this.#truth(template.conditions[condition]);
  }

  /** A value of the template with its functions worked out. */
  value(json: Json | undefined): Json {
    const resolved = this.#resolve(json ?? null);
    return resolved === noValue ? null : resolved;
  }

  /** Whether the rules of the template, too, let these parameters pass; the failed ones' words if not. */
  brokenRules(): string[] {
    return Object.values(template.rules).flatMap(
      ({ RuleCondition: applies, Assertions: assertions }) =>
        applies !== undefined && !this.#truth(applies)
          ? []
          : (assertions as readonly JsonObject[])
              .filter(({ Assert: assertion }) => !this.#truth(assertion))
              .map(({ AssertDescription: words }) => String(words)),
    );
  }

  #resolve(json: Json): Json | typeof noValue {
    if (Array.isArray(json)) {
      return json.map((each) => this.#resolve(each)).filter((each) => each !== noValue);
    }
    if (!isObject(json)) return json;
    const [name, argument] = Object.entries(json)[0] ?? [];
    if (name === 'Ref') return this.#ref(String(argument));
    if (name === 'Fn::Sub') return this.#sub(String(argument));
    if (name === 'Fn::Join') {
      const [separator, parts] = argument as [string, Json];
      return (this.#resolve(parts) as readonly Json[]).map(String).join(separator);
    }
    if (name === 'Fn::Base64') {
      return Buffer.from(String(this.#resolve(argument ?? null))).toString('base64');
    }
    if (name === 'Fn::GetAtt') return this.#attribute(argument as [string, string]);
    if (name === 'Fn::If') {
      const [condition, then, otherwise] = argument as [string, Json, Json];
      return this.#resolve(this.holds(condition) ? then : otherwise);
    }
    const entries = Object.entries(json).map(([key, value]) => [key, this.#resolve(value ?? null)]);
    return Object.fromEntries(entries.filter(([, value]) => value !== noValue));
  }

  #truth(json: Json | undefined): boolean {
    const [name, argument] = Object.entries(asObject(json))[0] ?? [];
    if (name === 'Condition') return this.holds(String(argument));
    const parts = argument as readonly Json[];
    if (name === 'Fn::And') return parts.every((part) => this.#truth(part));
    if (name === 'Fn::Or') return parts.some((part) => this.#truth(part));
    if (name === 'Fn::Not') return !this.#truth(parts[0]);
    const [first, second] = parts.map((part) => this.value(part));
    if (name === 'Fn::Equals') return String(first) === String(second);
    if (name === 'Fn::Contains')
      return (first as readonly Json[]).map(String).includes(String(second));
    throw new Error(`no condition: ${JSON.stringify(json)}`);
  }

  #sub(text: string): string {
    return text.replace(/\$\{([^}]+)\}/g, (_, name: string) => {
      const [resource = '', attribute] = name.split(/\.(.*)/s);
      return String(
        attribute === undefined ? this.#ref(name) : this.#attribute([resource, attribute]),
      );
    });
  }

  #ref(name: string): Json | typeof noValue {
    if (name === 'AWS::NoValue') return noValue;
    const known = pseudo[name] ?? this.#parameters[name];
    if (known !== undefined) return known;
    const kind = kinds[template.resources[name]?.type ?? ''];
    if (kind?.ref === 'arn') return this.#attribute([name, 'Arn']);
    return kind?.ref === 'url' ? `https://sqs/${this.#nameOf(name)}` : this.#nameOf(name);
  }

  #attribute([name, attribute]: readonly [string, string]): Json {
    const resource = this.#made(name);
    if (resource.type === 'AWS::SSM::Parameter' && attribute === 'Value') {
      return this.value(resource.properties['Value']);
    }
    if (attribute === 'QueueName') return this.#nameOf(name);
    const arn = kinds[resource.type]?.arn;
    if (attribute === 'Arn' && arn !== undefined) return arn.replace('%', this.#nameOf(name));
    throw new Error(`no attribute ${attribute} of ${resource.type} is known here`);
  }

  #nameOf(name: string): string {
    const { type, properties } = this.#made(name);
    const nameIn = kinds[type]?.nameIn;
    return nameIn === undefined ? name : String(this.value(at(properties, ...nameIn.split('.'))));
  }

  /** A resource that others may refer to: CloudFormation refuses those that it does not make. */
  #made(name: string): Resource {
    const resource = template.resources[name];
    if (resource === undefined) throw new Error(`the template has no ${name}`);
    if (resource.condition === undefined || this.holds(resource.condition)) return resource;
    throw new Error(`${name} is referred to, and not made with these parameters`);
  }
}
