//! A network over several zones that gathers what its users ask for.
use super::{Made, World, fixture};
use crate::snapshot::snapshot;

pub fn stacks() -> Vec<(&'static str, Made)> {
    vec![("zones", world().make(&blueprint()))]
}

fn world() -> World {
    World::of(&["d-network"])
}

fn blueprint() -> String {
    fixture("d-network/zones.yaml")
}

#[test]
fn each_zone_has_addresses_routes_and_a_way_out() {
    let made = world().make(&blueprint());
    let ids = ["NetworkSubnetB", "NetworkTableB", "NetworkAssociationB", "NetworkRouteB"];
    let template = made.fragments("safe/cloudformation/template.yaml", &ids);
    let names = ["network_subnet_b", "network_association_b", "network_route_b"];
    let module = made.fragments("safe/terraform/network.tf", &names);
    snapshot("invented-network-zone", &format!("{template}\n{module}"));

    let shared = made.file("open/terraform/network.tf");
    assert_eq!(shared.matches("aws_nat_gateway.network_translator_a.id").count(), 3, "{shared}");
    assert_eq!(shared.matches("resource \"aws_nat_gateway\"").count(), 1, "{shared}");
}

#[test]
fn endpoints_are_those_that_somebody_calls() {
    let made = world().make(&blueprint());
    let ids = ["NetworkGatewayEndpointS3", "NetworkEndpointEcrApi"];
    let template = made.fragments("closed/cloudformation/template.yaml", &ids);
    let module = made.fragments("closed/terraform/network.tf", &["network_endpoint_logs"]);
    snapshot("invented-network-endpoints", &format!("{template}\n{module}"));
    let all = made.file("closed/cloudformation/template.yaml");
    assert_eq!(all.matches("Type: AWS::EC2::VPCEndpoint").count(), 4, "{all}");
}

#[test]
fn a_network_is_closed_until_somebody_asks() {
    let made = world().make(&blueprint());
    for path in ["cloudformation/template.yaml", "terraform/network.tf"] {
        let [closed, open] = ["closed", "open"].map(|env| made.file(&format!("{env}/{path}")));
        for word in ["InternetGateway", "internet_gateway", "Nat", "nat_gateway", "ublic"] {
            assert!(!closed.contains(word), "{word} in\n{closed}");
        }
        assert!(open.contains("0.0.0.0/0"), "{open}");
    }
}

#[test]
fn lists_of_subnets_are_told_and_used() {
    let made = world().make(&blueprint());
    let path = "open/cloudformation/template.yaml";
    let users = made.fragments(path, &["Store", "Front", "NetworkPrivateSubnetsOutput"]);
    let module = made.fragments("open/terraform/store.tf", &["store"]);
    let outputs = made.file("open/terraform/outputs.tf").to_owned();
    snapshot("invented-network-lists", &format!("{users}\n{module}\n{outputs}"));
}

#[test]
fn what_does_not_fit_is_told_at_its_lines() {
    let small = world().complaint(&blueprint(), "10.20.0.0/16", "10.20.0.0/24, subnet_bits: 6");
    snapshot("invented-network-too-small", &small);
    let one = world().make(&blueprint()).findings.join("\n\n");
    snapshot("invented-network-one-way-out", &one);
}
