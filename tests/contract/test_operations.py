"""What operators look at."""


def test_health_names_the_state_of_knowledge(client, service):
    for path in ("/health", "/ready"):
        answer = client.get(path)
        assert answer.status_code == 200
        assert answer.json == {
            "status": "ok",
            "knowledge": {"version": service.rules.library.version, "digest": service.rules.library.digest},
        }


def test_ch_o_05_cards_are_counted_by_topic_and_discovery_is_no_use(client, post_hook, hook_call):
    post_hook(hook_call())
    client.get("/cds-services")
    page = client.get("/metrics").text
    assert 'all_cds_cards_total{topic="allleukaemiaprofile"}' in page
    assert 'all_cds_requests_total{route="/cds-services",status="200"}' in page


def test_answers_about_patients_are_not_kept_by_caches(post_hook, hook_call):
    assert post_hook(hook_call()).headers["Cache-Control"] == "no-store"
