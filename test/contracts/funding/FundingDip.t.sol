// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

// Funding as holders see it: every change is a proposal that is voted on, queued and executed.

import {Grants} from "../../../contracts/funding/Grants.sol";
import {GrantState} from "../../../contracts/funding/GrantStates.sol";
import {IGrants} from "../../../contracts/funding/IGrants.sol";
import {IStreams} from "../../../contracts/funding/IStreams.sol";
import {Streams} from "../../../contracts/funding/Streams.sol";
import {GovernanceBase} from "../support/GovernanceBase.t.sol";

contract FundingDip is GovernanceBase {
    uint96 private constant HUNDRED = 100e18;
    address private immutable worker = account("worker");
    address private immutable member = account("member");
    Streams private streams;
    Grants private grants;

    function setUp() public override {
        super.setUp();
        bytes memory data = abi.encodeCall(Streams.initialize, (address(manager), address(token), address(treasury)));
        streams = Streams(proxy(address(new Streams()), data));
        grants = Grants(proxy(address(new Grants()), data));
    }

    function test_a_stream_is_funded_changed_and_ended_by_vote() public {
        uint40 start = uint40(block.timestamp);
        uint40 end = start + 100 days;
        bytes memory create = abi.encodeCall(IStreams.create, (worker, HUNDRED, start, start, end, "maintenance"));
        Dip memory dip = one(address(treasury), pay(address(streams), HUNDRED), "fund and create");
        carry(and(dip, address(streams), create));
        assertEq(streams.reserved(), HUNDRED, "reserved");
        assertEq(streams.available(), 0, "not a unit lies about");
        assertEq(token.balanceOf(address(timelock)), 0, "the timelock holds nothing");

        dip = one(address(treasury), pay(address(streams), HUNDRED), "raise");
        carry(and(dip, address(streams), abi.encodeCall(IStreams.change, (1, 2 * HUNDRED, end))));
        assertEq(streams.streamOf(1).total, 2 * HUNDRED, "raised");

        uint256 held = token.balanceOf(address(treasury));
        carry(one(address(streams), abi.encodeCall(IStreams.cancel, (1)), "end"));
        uint256 accrued = streams.streamOf(1).total;
        assertTrue(accrued > 0 && accrued < 2 * HUNDRED, "some of it");
        assertEq(token.balanceOf(address(treasury)) - held, 2 * HUNDRED - accrued, "the rest is the treasury's");
        vm.prank(worker);
        assertEq(streams.withdrawAll(1, worker), accrued, "and that the worker's");
    }

    function test_a_grant_is_funded_released_and_clawed_back_by_vote() public {
        uint96[] memory tranches = new uint96[](3);
        (tranches[0], tranches[1], tranches[2]) = (HUNDRED, HUNDRED, HUNDRED);
        bytes memory committee = abi.encodeCall(IGrants.setCommittee, (1, member, HUNDRED, 30 days));
        uint40 deadline = uint40(block.timestamp + 100 days);
        bytes memory create = abi.encodeCall(
            IGrants.create,
            (worker, tranches, new string[](3), 1, deadline, "a decoder")
        );
        Dip memory dip = one(address(treasury), pay(address(grants), 3 * HUNDRED), "fund and create");
        carry(and(and(dip, address(grants), committee), address(grants), create));

        vm.prank(member);
        grants.releaseByCommittee(1, 0, "");
        carry(one(address(grants), abi.encodeCall(IGrants.release, (1, 1, "report")), "release"));
        dip = one(address(grants), abi.encodeCall(IGrants.removeCommittee, (1)), "stop");
        carry(and(dip, address(grants), abi.encodeCall(IGrants.clawBack, (1))));
        assertTrue(grants.grantOf(1).state == GrantState.ClawedBack, "state");
        assertEq(token.balanceOf(address(treasury)), 800 * M - 2 * uint256(HUNDRED), "one tranche came back");
        vm.prank(worker);
        assertEq(grants.withdraw(1, worker), 2 * HUNDRED, "two are the worker's");
    }
}
