// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

// Whatever is voted, released, clawed back and withdrawn in whatever order: money in is money out, and a committee
// stays within its bound.

import {Grants} from "../../../contracts/funding/Grants.sol";
import {GrantState} from "../../../contracts/funding/GrantStates.sol";
import {IGrants} from "../../../contracts/funding/IGrants.sol";
import {Base} from "../support/Base.t.sol";
import {FundingBase, FundingToken} from "../support/FundingBase.t.sol";

/// @dev Does what anyone may do, with arguments that make sense, so that no call is lost to a refusal.
contract GrantsHandler is Base {
    uint64 public constant TEAM = 1;
    uint96 public constant BUDGET = 1e21;
    uint40 public constant PERIOD = 30 days;

    Grants private immutable grants;
    FundingToken private immutable token;
    address private immutable member = account("member");
    address[3] public recipients = [account("one"), account("two"), account("three")];

    uint256 public funded;
    /// What the committee released, and when.
    uint256[] public times;
    uint256[] public amounts;

    constructor(Grants grants_, FundingToken token_) {
        grants = grants_;
        token = token_;
    }

    function releases() external view returns (uint256) {
        return times.length;
    }

    function begin() external {
        grants.setCommittee(TEAM, member, BUDGET, PERIOD);
    }

    function fund(uint256 amount) external {
        amount = bound(amount, 1, 1e22);
        funded += amount;
        token.mint(address(grants), amount);
    }

    function create(uint256 who, uint256 count, uint256 amount, uint256 length, bool isTeams) external {
        if (grants.grantCount() == 12) return;
        count = bound(count, 1, 5);
        uint256 available = grants.available();
        if (available < count) return;
        uint96[] memory tranches = new uint96[](count);
        string[] memory milestones = new string[](count);
        for (uint256 i = 0; i < count; ++i) {
            tranches[i] = uint96(bound(uint256(keccak256(abi.encode(amount, i))), 1, available / count));
            milestones[i] = "m";
        }
        uint40 deadline = uint40(block.timestamp + bound(length, 1 days, 200 days));
        grants.create(recipients[who % 3], tranches, milestones, isTeams ? TEAM : 0, deadline, "");
    }

    function release(uint256 seed, uint256 tranche) external {
        (uint256 id, bool isReleasable) = _releasable(seed, tranche);
        if (isReleasable) grants.release(id, tranche % grants.grantOf(id).trancheCount, "");
    }

    function releaseByCommittee(uint256 seed, uint256 tranche) external {
        (uint256 id, bool isReleasable) = _releasable(seed, tranche);
        if (!isReleasable || grants.grantOf(id).committeeId != TEAM) return;
        tranche %= grants.grantOf(id).trancheCount;
        uint96 amount = grants.tranchesOf(id)[tranche];
        if (amount > grants.spendableOf(TEAM)) return;
        times.push(block.timestamp);
        amounts.push(amount);
        vm.prank(member);
        grants.releaseByCommittee(id, tranche, "");
    }

    function withdraw(uint256 seed) external {
        uint256 id = _any(seed);
        IGrants.Grant memory grant = grants.grantOf(id);
        if (grant.withdrawable == 0) return;
        vm.prank(grant.recipient);
        grants.withdraw(id, grant.recipient);
    }

    function clawBack(uint256 seed) external {
        uint256 id = _any(seed);
        if (seed % 3 == 0 && grants.grantOf(id).state == GrantState.Open) grants.clawBack(id);
    }

    function expire(uint256 seed) external {
        uint256 id = _any(seed);
        IGrants.Grant memory grant = grants.grantOf(id);
        if (grant.state == GrantState.Open && block.timestamp >= grant.deadline) grants.expire(id);
    }

    function extend(uint256 seed, uint256 length) external {
        uint256 id = _any(seed);
        if (grants.grantOf(id).state != GrantState.Open) return;
        grants.extend(id, uint40(block.timestamp + bound(length, 1, 100 days)));
    }

    /// @dev The same terms again: they must refill nothing.
    function setCommitteeAgain() external {
        grants.setCommittee(TEAM, member, BUDGET, PERIOD);
    }

    function sweep(uint256 seed) external {
        if (seed % 4 == 0) grants.sweepSurplus();
    }

    function wait(uint256 time) external {
        vm.warp(block.timestamp + bound(time, 1, 10 days));
    }

    function _releasable(uint256 seed, uint256 tranche) private view returns (uint256 id, bool isReleasable) {
        id = _any(seed);
        IGrants.Grant memory grant = grants.grantOf(id);
        if (grant.state != GrantState.Open || block.timestamp >= grant.deadline) return (id, false);
        isReleasable = (grant.releasedBits >> (tranche % grant.trancheCount)) & 1 == 0;
    }

    function _any(uint256 seed) private view returns (uint256) {
        uint256 count = grants.grantCount();
        return count == 0 ? 0 : 1 + (seed % count);
    }
}

contract GrantsInvariants is FundingBase {
    GrantsHandler private handler;

    function setUp() public override {
        super.setUp();
        handler = new GrantsHandler(grants, token);
        manager.grantRole(0, address(handler), 0);
        handler.begin();
        handler.fund(1e22 - 1);
        handler.create(0, 5, 1, 100 days, true);
    }

    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(handler);
    }

    /// hardhat-config: invariant.failOnRevert = true
    function invariant_what_is_reserved_is_what_is_owed_and_it_is_there() public view {
        uint256 owed = 0;
        for (uint256 id = 1; id <= grants.grantCount(); ++id) {
            IGrants.Grant memory grant = grants.grantOf(id);
            owed += grant.unreleased + grant.withdrawable;
            if (grant.state != GrantState.Open) assertEq(grant.unreleased, 0, "an ended grant holds nothing back");
            if (grant.state == GrantState.Open) assertEq(grant.unreleased, _unreleased(id, grant), "by its tranches");
        }
        assertEq(grants.reserved(), owed, "reserved");
        assertTrue(token.balanceOf(address(grants)) >= owed, "solvent");
    }

    /// hardhat-config: invariant.failOnRevert = true
    function invariant_money_in_is_money_out() public view {
        uint256 found = token.balanceOf(address(grants)) + token.balanceOf(treasury);
        for (uint256 i = 0; i < 3; ++i) found += token.balanceOf(handler.recipients(i));
        assertEq(found, handler.funded(), "paid, returned and held");
    }

    /// hardhat-config: invariant.failOnRevert = true
    function invariant_a_committee_releases_at_most_twice_its_budget_in_a_period() public view {
        uint256 count = handler.releases();
        for (uint256 first = 0; first < count; ++first) {
            uint256 sum = 0;
            for (uint256 i = first; i < count; ++i) {
                if (handler.times(i) - handler.times(first) > handler.PERIOD()) break;
                sum += handler.amounts(i);
            }
            assertTrue(sum <= 2 * uint256(handler.BUDGET()), "in any period");
        }
    }

    function _unreleased(uint256 id, IGrants.Grant memory grant) private view returns (uint256 sum) {
        uint96[] memory tranches = grants.tranchesOf(id);
        for (uint256 i = 0; i < tranches.length; ++i) if ((grant.releasedBits >> i) & 1 == 0) sum += tranches[i];
    }
}
